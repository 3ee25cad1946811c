/** Compressed input and output, by the first bytes and never by a file's name. */

import { pipeline, Readable, Transform } from "node:stream";
import { constants, createGunzip, createGzip } from "node:zlib";
import { TraceError } from "./trace-error.js";

const CHUNK_BYTES = 256 * 1024;

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Compressions we do not read, with the command that does. */
const FOREIGN: readonly (readonly [magic: readonly number[], name: string, command: string])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd", "zstd -dc"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz", "xz -dc"],
  [[0x42, 0x5a, 0x68], "bzip2", "bzip2 -dc"],
  [[0x50, 0x4b, 0x03, 0x04], "zip", "unzip -p"],
  [[0x04, 0x22, 0x4d, 0x18], "lz4", "lz4 -dc"],
];

/** @throws TraceError for a compression that is not gzip. */
export function refuseForeignCompression(head: Uint8Array, file: string): void {
  for (const [magic, name, command] of FOREIGN) {
    if (magic.every((byte, index) => head[index] === byte)) {
      throw new TraceError(`compressed with ${name}, which is not supported`, {
        file,
        hint: `${command} FILE | lutrace … -`,
      });
    }
  }
}

/**
 * Decompresses; several members one after the other are one stream. A cut or corrupt stream ends in
 * a TraceError.
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  const out = createGunzip({ chunkSize: CHUNK_BYTES });
  const source = Readable.from(chunks, { objectMode: false, highWaterMark: CHUNK_BYTES });
  // The callback is there so that an error of either end reaches the loop below, and only it.
  pipeline(source, out, () => {});
  try {
    for await (const chunk of out) yield chunk as Buffer;
  } catch (error) {
    throw gzipError(error, file);
  }
}

function gzipError(error: unknown, file: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === "Z_BUF_ERROR") {
    return new TraceError("the gzip stream ends early", {
      file,
      hint: "the file was cut; zcat FILE > part.ndjson saves what is there",
    });
  }
  if (code?.startsWith("Z_")) {
    const what = error instanceof Error ? error.message : code;
    return new TraceError(`the gzip stream is corrupt: ${what}`, {
      file,
      hint: "copy the file again; gzip -t FILE checks it",
    });
  }
  return error;
}

const GZIP_HEADER_OS = 9;
const OS_UNKNOWN = 0xff;

/**
 * A gzip stream in two stages whose bytes depend on the contents only: no time, no name, no
 * operating system. (Another version of zlib may still compress differently.)
 */
export function deterministicGzip(): [compress: Transform, finish: Transform] {
  let at = 0;
  const finish = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const os = GZIP_HEADER_OS - at;
      if (os >= 0 && os < chunk.length) chunk[os] = OS_UNKNOWN;
      at += chunk.length;
      done(null, chunk);
    },
  });
  return [createGzip({ level: constants.Z_BEST_COMPRESSION }), finish];
}
