import type { FileHandle } from "node:fs/promises";

const CHUNK_BYTES = 1024 * 1024;

/**
 * The bytes of a file from `start` on, in chunks. Two buffers take turns: while one is looked at,
 * the next chunk is read into the other. So a chunk is there only until the next one is asked for.
 * The file is closed at the end.
 *
 * New buffers for every chunk cost more than the reading itself: the collector has to be told of
 * each.
 *
 * @param count Is told the length of each chunk, in bytes.
 */
export async function* fileChunks(
  handle: FileHandle,
  start: number,
  count: (length_bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let at = start;
  const read = (buffer: Buffer) => handle.read(buffer, 0, CHUNK_BYTES, at);
  let ahead = read(Buffer.allocUnsafeSlow(CHUNK_BYTES));
  let free: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  try {
    for (;;) {
      const { bytesRead, buffer } = await ahead;
      if (bytesRead === 0) return;
      at += bytesRead;
      count(bytesRead);
      ahead = read(free);
      // Whoever goes away before the next chunk leaves this promise to nobody.
      ahead.catch(() => {});
      yield buffer.subarray(0, bytesRead);
      free = buffer;
    }
  } finally {
    await ahead.catch(() => {});
    await handle.close();
  }
}
