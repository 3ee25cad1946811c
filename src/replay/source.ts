/** Opens a trace of any format that can be read, and gives its events. */

import type { Readable } from "node:stream";
import { assert } from "../engine/assert.js";
import type { Event } from "../engine/event/index.js";
import type { Skip } from "./decode.js";
import { decodeHeader } from "./decode-header.js";
import { detectFormat, type TraceFormat } from "./detect.js";
import { captureHeader, wantsMore } from "./detect-capture.js";
import type { FileStamp } from "./file-stamp.js";
import type { TraceHeader } from "./header.js";
import { afterLine, type LineBlock, lineBlocks, linesOf, lineText } from "./lines.js";
import { NativeReader } from "./reader.js";
import { RecorderReader } from "./reader-recorder.js";
import { BlockPlace, type ResumePoint } from "./resume-point.js";
import { openBytes, openBytesAt } from "./source-bytes.js";
import type { EventSink } from "./source-events.js";
import { qemuLogBeside, readQemuLog } from "./source-qemu-log.js";
import { Reading } from "./source-reading.js";
import { TraceError } from "./trace-error.js";

export interface OpenOptions {
  /** Leaves out unknown event types, operations and fields, and counts them in `skipped`. */
  readonly lenient?: boolean | undefined;
  /** What `-` reads; default: this process's standard input. */
  readonly stdin?: Readable | undefined;
  /** The longest line that is read; default 16 MiB. */
  readonly line_bytes_max?: number | undefined;
  /**
   * The emulator's log of a capture's run. Default: the file `NAME.qemu_trace.txt(.gz)` beside
   * `NAME.ndjson(.gz)`, where there is one; `false`: none.
   */
  readonly qemu_log?: string | false | undefined;
  /** Stops with a LimitError after this many events. */
  readonly events_max?: number | undefined;
}

/** A trace while it is read. Memory does not grow with its length. */
export interface TraceSource {
  /** As it was given; `-` for standard input. */
  readonly path: string;
  readonly format: TraceFormat;
  /** The trace's header; of a capture, what its lines say about machine and kernel. */
  readonly header: TraceHeader;
  /** What was left out, by kind, with the number of lines or fields; grows while reading. */
  readonly skipped: ReadonlyMap<string, number>;
  /**
   * The events in order. They can be taken once.
   *
   * @throws TraceError with file, line and field; LimitError where a limit was hit.
   */
  events(): AsyncIterableIterator<Event>;
  /** The same events in batches, for loops that must be fast. */
  batches(): AsyncIterableIterator<readonly Event[]>;
  /**
   * Gives the events to a sink as they are read, in place of the two above. Resolves when all are
   * read or the sink wants no more.
   */
  drive(sink: EventSink, on_block?: () => void): Promise<void>;
  /**
   * The end of the block of events that was driven last. Undefined where reading cannot be taken up
   * again: captures, pipes, before the first block.
   */
  resumePoint(): ResumePoint | undefined;
  /**
   * Goes on from a point of the same file that was read in the same way, in place of its start. No
   * event may have been taken.
   *
   * @throws TraceError when the file cannot be opened again.
   */
  resumeAt(point: ResumePoint): Promise<void>;
  /** Bytes of the file read so far, compressed where it is. */
  bytes_read(): number;
  /** Size of the file; undefined for a pipe. */
  readonly bytes_total: number | undefined;
  /** Which file it is, and how it was when it was opened; undefined for a pipe. */
  readonly stamp: FileStamp | undefined;
  /** Lets go of the file; needed only when the events are not read to the end. */
  close(): Promise<void>;
}

/**
 * Opens a trace: native or a recorder's capture, gzip or not, a path or `-` for standard input. The
 * format is told by the contents.
 *
 * @throws TraceError when there is nothing there that can be read.
 */
export async function openTrace(path: string, options: OpenOptions = {}): Promise<TraceSource> {
  const file = fileName(path);
  const stdin = path === "-" ? (options.stdin ?? process.stdin) : undefined;
  const { line_bytes_max, events_max } = options;
  let input = await openBytes(path, file, stdin);
  const blocks = lineBlocks(input.chunks, { file, line_bytes_max });
  try {
    const { head, format } = await detect(blocks, file);
    const parts =
      format === "native"
        ? openNative(head, file, options.lenient === true)
        : await openRecorder(head, blocks, path, options.qemu_log);
    const place = new BlockPlace(parts.header_bytes);
    const all = following(parts.head, blocks);
    let reading = new Reading(blocks, all, parts.reader, { file, events_max, place });
    return {
      path,
      format,
      header: parts.header,
      skipped: parts.skipped,
      events: () => reading.events(),
      batches: () => reading.batches(),
      drive: (sink, on_block) => reading.drive(sink, on_block),
      close: () => reading.close(),
      resumePoint: () => {
        const end = input.stamp === undefined ? undefined : reading.end();
        return end === undefined ? undefined : { ...end, skipped: [...parts.skipped] };
      },
      resumeAt: async (point) => {
        await reading.close();
        assert(input.stamp !== undefined, "only a file can be read from its middle");
        input = await openBytesAt(path, file, point.offset_bytes, input.stamp);
        const { line, offset_bytes, after_seq } = point;
        const rest = lineBlocks(input.chunks, { file, line_bytes_max, first_line: line });
        const reader = new NativeReader(file, parts.skip, after_seq);
        const place = new BlockPlace(offset_bytes);
        reading = new Reading(rest, rest, reader, { file, events_max, place });
        for (const [kind, count] of point.skipped) parts.skipped.set(kind, count);
      },
      bytes_read: () => input.bytes_read(),
      bytes_total: input.bytes_total,
      stamp: input.stamp,
    };
  } catch (error) {
    await blocks.return(undefined);
    throw error;
  }
}

/** How messages name the input. */
function fileName(path: string): string {
  return path === "-" ? "standard input" : path;
}

type Blocks = AsyncGenerator<LineBlock>;

interface Opened {
  readonly header: TraceHeader;
  readonly reader: NativeReader | RecorderReader;
  readonly skip?: Skip | undefined;
  readonly skipped: Map<string, number>;
  /** What comes before the lines that hold events, in bytes. */
  readonly header_bytes: number;
  /** Blocks that were read to know the format. */
  readonly head: LineBlock[];
}

/** Reads blocks until they tell the format. */
async function detect(
  blocks: Blocks,
  file: string,
): Promise<{ head: LineBlock[]; format: TraceFormat }> {
  const head: LineBlock[] = [];
  for (;;) {
    const next = await blocks.next();
    if (next.done !== true) head.push(kept(next.value));
    if (head.length === 0) {
      throw new TraceError("the file is empty", { file, hint: "a trace has at least a header" });
    }
    const format = detectFormat(head, next.done === true, file);
    if (format !== undefined) return { head, format };
  }
}

/** A block that stays while others are read. */
function kept(block: LineBlock): LineBlock {
  return { ...block, bytes: Buffer.from(block.bytes) };
}

function openNative(head: LineBlock[], file: string, lenient: boolean): Opened {
  const skipped = new Map<string, number>();
  const skip = lenient ? countInto(skipped) : undefined;
  const [first, ...others] = head;
  const [line] = first === undefined ? [] : linesOf(first);
  assert(first !== undefined && line !== undefined, "a format was told without a line");
  const header = decodeHeader(lineText(first, line, file), file, skip);
  const rest = afterLine(first);
  const header_bytes = (first.before_bytes ?? 0) + first.bytes.length - (rest?.bytes.length ?? 0);
  const reader = new NativeReader(file, skip);
  const body = rest === undefined ? others : [rest, ...others];
  return { header, reader, skip, skipped, header_bytes, head: body };
}

async function openRecorder(
  head: LineBlock[],
  blocks: Blocks,
  path: string,
  qemu_log: OpenOptions["qemu_log"],
): Promise<Opened> {
  while (wantsMore(head)) {
    const next = await blocks.next();
    if (next.done === true) break;
    head.push(kept(next.value));
  }
  const log = qemu_log ?? (await qemuLogBeside(path)) ?? false;
  const reader = new RecorderReader(
    fileName(path),
    log === false ? undefined : await readQemuLog(log),
  );
  const { skipped } = reader.importer;
  return { header: captureHeader(head, path), reader, skipped, header_bytes: 0, head };
}

/** What was read already, then the rest; a block is let go of as soon as it is given. */
async function* following(head: LineBlock[], blocks: Blocks): AsyncGenerator<LineBlock> {
  try {
    for (let block = head.shift(); block !== undefined; block = head.shift()) yield block;
    yield* blocks;
  } finally {
    await blocks.return(undefined);
  }
}

/** A hostile trace may have as many unknown names as it likes; these many are told apart. */
const KINDS_MAX = 1000;

function countInto(skipped: Map<string, number>): Skip {
  return (kind) => {
    const key = skipped.has(kind) || skipped.size < KINDS_MAX ? kind : "others";
    skipped.set(key, (skipped.get(key) ?? 0) + 1);
  };
}
