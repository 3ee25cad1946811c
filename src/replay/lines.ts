/**
 * Splits a stream of bytes into lines. Memory is bounded by the longest line that is allowed plus
 * one chunk; a longer line ends the reading with its number. Costs O(bytes).
 */

import { isAscii, isUtf8 } from "node:buffer";
import { LimitError } from "./limit-error.js";
import { type Place, TraceError } from "./trace-error.js";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BOM = [0xef, 0xbb, 0xbf];

/** 16 MiB: a nested buffer of 64 KiB takes 128 KiB as hex; nothing honest is near this. */
export const DEFAULT_LINE_BYTES_MAX = 16 * 1024 * 1024;

export interface LineOptions {
  readonly file: string;
  readonly line_bytes_max?: number | undefined;
  /** Number of the line that the stream starts with; default 1. */
  readonly first_line?: number | undefined;
}

/** Whole lines that lie in one buffer, which may be used again for the next block. */
export interface LineBlock {
  readonly bytes: Buffer;
  /** Number of the first line, from 1. */
  readonly first_line: number;
  /** The bytes end in a newline; false only for what is left at the end of the input. */
  readonly complete: boolean;
  /** Every byte is below 0x80, so that bytes are characters. */
  readonly ascii: boolean;
  /** A byte order mark before it, in bytes. */
  readonly before_bytes?: number;
  /** How many lines; whoever went through them all says so, which saves counting them again. */
  lines?: number;
}

/** Gives the lines of a stream in blocks: as many whole lines as each chunk completes. */
export async function* lineBlocks(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions,
): AsyncGenerator<LineBlock> {
  const line_bytes_max = options.line_bytes_max ?? DEFAULT_LINE_BYTES_MAX;
  let pending: Buffer[] = [];
  let pending_bytes = 0;
  let line = options.first_line ?? 1;
  let started = line > 1;
  const take = (buffer: Buffer, complete: boolean): LineBlock => {
    let bytes = buffer;
    if (!started) {
      started = true;
      bytes = withoutBom(bytes);
    }
    const before_bytes = buffer.length - bytes.length;
    return { bytes, first_line: line, complete, ascii: isAscii(bytes), before_bytes };
  };
  for await (const raw of placed(chunks, () => (started ? { line } : {}))) {
    const chunk = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    const last = chunk.lastIndexOf(NEWLINE);
    if (last >= 0) {
      // Only the line that began in the chunk before is copied; it is a block of its own.
      const cut = pending_bytes === 0 ? 0 : chunk.indexOf(NEWLINE) + 1;
      const heads: Buffer[] =
        cut === 0 ? [] : [Buffer.concat([...pending, chunk.subarray(0, cut)])];
      if (cut <= last) heads.push(chunk.subarray(cut, last + 1));
      pending = [];
      pending_bytes = 0;
      for (const head of heads) {
        const block = take(head, true);
        checkLength(block.bytes, line, line_bytes_max, options.file);
        yield block;
        line += block.lines ?? countLines(block.bytes);
      }
    }
    const rest = chunk.subarray(last + 1);
    if (rest.length === 0) continue;
    // The chunk's buffer is used again.
    pending.push(Buffer.from(rest));
    pending_bytes += rest.length;
    if (pending_bytes > line_bytes_max) throw tooLong(line, line_bytes_max, options.file);
  }
  if (pending_bytes === 0) return;
  const rest = take(Buffer.concat(pending), false);
  if (rest.bytes.length > 0) yield rest;
}

/** What is wrong with the stream itself gets the place it broke off at. */
async function* placed(
  chunks: AsyncIterable<Uint8Array>,
  place: () => Place,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw error instanceof TraceError ? error.at(place()) : error;
  }
}

/** One line of a block: where it lies, and its number. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly number: number;
  /** Where the next line starts. */
  readonly next: number;
}

/** The line that starts at `start`, without newline and carriage return. */
export function lineAt({ bytes }: LineBlock, start: number, number: number): Line {
  const newline = bytes.indexOf(NEWLINE, start);
  const stop = newline < 0 ? bytes.length : newline;
  const end = stop > start && bytes[stop - 1] === CARRIAGE_RETURN ? stop - 1 : stop;
  return { start, end, number, next: stop + 1 };
}

/**
 * Where the next line starts when a line's contents end at `at`; undefined when something else
 * follows there.
 */
export function lineEndAt({ bytes }: LineBlock, at: number): number | undefined {
  const end = bytes[at] === CARRIAGE_RETURN ? at + 1 : at;
  return bytes[end] === NEWLINE || end === bytes.length ? end + 1 : undefined;
}

/** The lines of a block, without newline and carriage return. */
export function* linesOf(block: LineBlock): Generator<Line> {
  let number = block.first_line;
  for (let at = 0; at < block.bytes.length; number++) {
    const line = lineAt(block, at, number);
    yield line;
    at = line.next;
  }
  block.lines = number - block.first_line;
}

/** The block without its first line; undefined when nothing is left. */
export function afterLine({
  bytes,
  first_line,
  complete,
  ascii,
}: LineBlock): LineBlock | undefined {
  const newline = bytes.indexOf(NEWLINE);
  if (newline < 0 || newline + 1 === bytes.length) return undefined;
  return { bytes: bytes.subarray(newline + 1), first_line: first_line + 1, complete, ascii };
}

/**
 * The text of a line.
 *
 * @throws TraceError for bytes that are no UTF-8.
 */
export function lineText(block: LineBlock, line: Line, file: string): string {
  const { start, end, number } = line;
  if (block.ascii) return block.bytes.toString("latin1", start, end);
  const bytes = block.bytes.subarray(start, end);
  if (!isUtf8(bytes)) throw notUtf8(bytes, number, file);
  return bytes.toString("utf8");
}

function withoutBom(bytes: Buffer): Buffer {
  return BOM.every((byte, index) => bytes[index] === byte) ? bytes.subarray(BOM.length) : bytes;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Only the first line of a block can be longer than a chunk; the others are looked at cheaply. */
function checkLength(bytes: Buffer, line: number, line_bytes_max: number, file: string): void {
  if (bytes.length <= line_bytes_max) return;
  let start = 0;
  let number = line;
  while (start < bytes.length) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end - start > line_bytes_max) throw tooLong(number, line_bytes_max, file);
    start = end + 1;
    number++;
  }
}

function tooLong(line: number, line_bytes_max: number, file: string): LimitError {
  return new LimitError(
    "line_bytes",
    line_bytes_max,
    `the line is longer than the limit of ${line_bytes_max} bytes`,
    { file, line, hint: "a trace has one event a line; is this a trace?" },
  );
}

function notUtf8(bytes: Buffer, line: number, file: string): TraceError {
  const mark = bytes.subarray(0, 2).toString("hex");
  const hint =
    mark === "fffe" || mark === "feff"
      ? "the file looks like UTF-16; convert it with iconv -f UTF-16 -t UTF-8"
      : bytes.includes(0)
        ? "it holds NUL bytes: a binary file is no trace"
        : "was it cut, or edited with another encoding?";
  return new TraceError("the line is not valid UTF-8", { file, line, hint });
}
