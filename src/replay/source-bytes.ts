/** The bytes of a trace: a file, a pipe or standard input, decompressed where they are gzip. */

import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { fileChunks } from "./file-chunks.js";
import { type FileStamp, stampOf } from "./file-stamp.js";
import { gunzip, isGzip, refuseForeignCompression } from "./gzip.js";
import { TraceError } from "./trace-error.js";

const CHUNK_BYTES = 256 * 1024;
/** The longest magic number anybody has. */
const MAGIC_BYTES = 8;

export interface TraceBytes {
  /**
   * Decompressed; the reader pulls, so nothing is read ahead of it beyond a chunk or two. A chunk
   * is valid until the next one is asked for.
   */
  readonly chunks: AsyncGenerator<Uint8Array>;
  /** Bytes taken from the file so far, as they lie there. */
  bytes_read(): number;
  /** Size of the file; undefined for a pipe. */
  readonly bytes_total: number | undefined;
  /** Which file it is, and how it was when it was opened; undefined for a pipe. */
  readonly stamp: FileStamp | undefined;
}

/**
 * Opens a path, or standard input for `-`.
 *
 * @throws TraceError for what cannot be opened: it says why.
 */
export async function openBytes(
  path: string,
  file: string,
  stdin: Readable | undefined,
): Promise<TraceBytes> {
  if (path === "-") {
    if (stdin === undefined) throw new TraceError("there is no standard input", { file });
    return counted(stdin, file, undefined);
  }
  const handle = await openFile(path, file);
  try {
    const facts = await handle.stat({ bigint: true });
    if (facts.isDirectory()) throw systemError("EISDIR", file);
    const stamp = facts.isFile() ? stampOf(facts) : undefined;
    const head = stamp === undefined ? undefined : await headOf(handle);
    if (stamp !== undefined && head !== undefined && !isGzip(head)) {
      refuseForeignCompression(head, file);
      return plainFile(handle, file, 0, stamp);
    }
    // A pipe has no places to read from: it is read as it comes.
    const place = stamp === undefined ? {} : { start: 0 };
    const stream = handle.createReadStream({ ...place, highWaterMark: CHUNK_BYTES });
    return await counted(stream, file, stamp);
  } catch (error) {
    await handle.close().catch(() => {});
    throw error;
  }
}

/**
 * Opens a file in its middle: `offset_bytes` of its contents are left out. What is compressed has
 * to be decompressed from its start all the same.
 *
 * @param stamp What the file was when its start was read.
 * @throws TraceError for what cannot be opened, and for a file that was changed.
 */
export async function openBytesAt(
  path: string,
  file: string,
  offset_bytes: number,
  stamp: FileStamp,
): Promise<TraceBytes> {
  const handle = await openFile(path, file);
  try {
    if (stampOf(await handle.stat({ bigint: true })).text !== stamp.text) {
      throw new TraceError("the file was changed while it was read", { file });
    }
    if (!isGzip(await headOf(handle))) return plainFile(handle, file, offset_bytes, stamp);
    const stream = handle.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES });
    const { chunks, ...rest } = await counted(stream, file, stamp);
    return { ...rest, chunks: without(chunks, offset_bytes) };
  } catch (error) {
    await handle.close().catch(() => {});
    throw error;
  }
}

/** The first bytes of a file, which tell how it is compressed; none where it is empty. */
async function headOf(handle: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

/** A file that is not compressed, from `start` on. */
function plainFile(handle: FileHandle, file: string, start: number, stamp: FileStamp): TraceBytes {
  let bytes_read = start;
  const chunks = fileChunks(handle, start, (length_bytes) => {
    bytes_read += length_bytes;
  });
  return {
    chunks: named(chunks, file),
    bytes_read: () => bytes_read,
    bytes_total: stamp.size_bytes,
    stamp,
  };
}

/** What the operating system says is wrong gets the name of the file. */
async function* named(
  chunks: AsyncGenerator<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw asTraceError(error, file);
  }
}

/** The stream without its first bytes. */
async function* without(
  chunks: AsyncIterable<Uint8Array>,
  length_bytes: number,
): AsyncGenerator<Uint8Array> {
  let left = length_bytes;
  for await (const chunk of chunks) {
    if (chunk.length > left) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function openFile(path: string, file: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    throw asTraceError(error, file);
  }
}

async function counted(
  stream: Readable,
  file: string,
  stamp: FileStamp | undefined,
): Promise<TraceBytes> {
  let bytes_read = 0;
  const source = readAll(stream, file, (length_bytes) => {
    bytes_read += length_bytes;
  });
  const head: Uint8Array[] = [];
  let head_bytes = 0;
  while (head_bytes < MAGIC_BYTES) {
    const next = await source.next();
    if (next.done === true) break;
    head.push(next.value);
    head_bytes += next.value.length;
  }
  const all = chained(head, source);
  const start = Buffer.concat(head).subarray(0, MAGIC_BYTES);
  if (!isGzip(start)) refuseForeignCompression(start, file);
  return {
    chunks: isGzip(start) ? gunzip(all, file) : all,
    bytes_read: () => bytes_read,
    bytes_total: stamp?.size_bytes,
    stamp,
  };
}

async function* readAll(
  stream: Readable,
  file: string,
  count: (length_bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : (chunk as Uint8Array);
      count(bytes.length);
      yield bytes;
    }
  } catch (error) {
    throw asTraceError(error, file);
  }
}

/** What was taken from the front, then the rest. */
async function* chained(
  head: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

const SYSTEM_ERRORS: Readonly<Record<string, readonly [problem: string, hint?: string]>> = {
  ENOENT: ["no such file"],
  EACCES: ["permission denied"],
  EPERM: ["permission denied"],
  EISDIR: ["is a directory, expected a trace", "lutrace corpus run takes folders"],
  ENOTDIR: ["a part of the path is not a directory"],
  ELOOP: ["too many symbolic links"],
  ENAMETOOLONG: ["the path is too long"],
  EMFILE: ["too many open files", "raise the limit with ulimit -n"],
  EIO: ["the disk could not be read"],
  ENXIO: ["no such device"],
};

function systemError(code: string, file: string): TraceError {
  const [problem, hint] = SYSTEM_ERRORS[code] ?? [`cannot be read: ${code}`];
  return new TraceError(problem, { file, hint });
}

/** An error of the operating system as bad input; anything else as it is. */
function asTraceError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof TraceError) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === "ERR_INVALID_ARG_VALUE") {
    return new TraceError("the path holds a NUL character", { file });
  }
  return code === undefined || syscall === undefined ? error : systemError(code, file);
}
