/** Raw `ioctl` lines: struct bytes become named fields by the ABI tables. */

import { type DecodedStruct, decodeStruct, type StructValues } from "../../engine/abi/layout.js";
import {
  IOMMU_TEST_CMD,
  IOMMU_TEST_CMD_REQUEST,
  type RequestEntry,
  requestByNumber,
  UNKNOWN_REQUEST,
} from "../../engine/abi/requests.js";
import { errnoName } from "../../engine/errno.js";
import type { IoctlEvent, NestedBuffer } from "../../engine/event/index.js";
import { TraceError } from "../trace-error.js";
import {
  optionalNumber,
  type RawLine,
  rawBytes,
  rawLines,
  rawNumber,
  rawString,
  rawU64,
} from "./raw-line.js";

/** The parts of the event that come from the call itself; common keys are the caller's. */
export type IoctlParts = Omit<IoctlEvent, "seq" | "ts" | "ts_end" | "pid" | "tid" | "label">;

export function ioctlParts(line: RawLine): IoctlParts {
  const request = rawNumber(line, "cmd") >>> 0;
  const before = rawBytes(line, "in");
  const after = rawBytes(line, "out");
  const entry = requestByNumber(request, selftestOp(request, before));
  const op = entry?.name ?? (request === IOMMU_TEST_CMD_REQUEST ? IOMMU_TEST_CMD : UNKNOWN_REQUEST);
  const ret = rawNumber(line, "ret");
  const errno = rawNumber(line, "errno");
  const decoded = before === null ? null : decode(entry, before);
  const decodedOut = after === null || decoded === null ? null : decode(entry, after);
  const mem = nestedBuffer(line);
  const newfd = optionalNumber(line, "newfd");
  const out = decoded === null || decodedOut === null ? {} : changed(decoded, decodedOut);
  const outTail =
    decoded !== null && decodedOut !== null && !sameBytes(decoded.tail, decodedOut.tail)
      ? decodedOut.tail
      : undefined;
  return {
    type: "ioctl",
    fd: rawNumber(line, "fd"),
    op,
    ...(entry === undefined ? { request } : {}),
    arg: rawU64(line, "arg"),
    ...(entry !== undefined && entry.layout.length_bytes === 0
      ? {}
      : { in: decoded === null ? null : decoded.values }),
    ...(decoded !== null && decoded.tail.length > 0 ? { tail: decoded.tail } : {}),
    ...(mem === undefined ? {} : { mem }),
    ret,
    ...(errno === 0 ? {} : { errno: knownErrno(errno) }),
    ...(Object.keys(out).length > 0 ? { out } : {}),
    ...(outTail === undefined ? {} : { out_tail: outTail }),
    ...(newfd === undefined ? {} : { newfd }),
  };
}

/** Errno name of a recorded number. */
export function knownErrno(number: number) {
  const name = errnoName(number);
  if (name === undefined) throw new TraceError(`${number} is no errno`, { field: "errno" });
  return name;
}

const SELFTEST_OP_OFFSET = 4;

function selftestOp(request: number, raw: Uint8Array | null): number | undefined {
  if (request !== IOMMU_TEST_CMD_REQUEST || raw === null || raw.length < 8) return undefined;
  return new DataView(raw.buffer, raw.byteOffset).getUint32(SELFTEST_OP_OFFSET, true);
}

const SIZE_WORD_BYTES = 4;

/** Without a layout only the size word has a name; the rest is tail. */
function decode(entry: RequestEntry | undefined, raw: Uint8Array): DecodedStruct {
  if (entry !== undefined) return decodeStruct(entry.layout, raw);
  if (raw.length < SIZE_WORD_BYTES) return { values: {}, tail: raw };
  const size = new DataView(raw.buffer, raw.byteOffset).getUint32(0, true);
  return { values: { size }, tail: raw.slice(SIZE_WORD_BYTES) };
}

function changed(before: DecodedStruct, after: DecodedStruct): StructValues {
  const out: StructValues = {};
  for (const [name, value] of Object.entries(after.values)) {
    if (before.values[name] !== value) out[name] = value;
  }
  for (const [name, value] of Object.entries(before.values)) {
    // A gap that became zero has no name in `after`.
    if (after.values[name] === undefined && typeof value === "string") {
      out[name] = "\0".repeat(value.length);
    }
  }
  return out;
}

function nestedBuffer(line: RawLine): NestedBuffer | undefined {
  const [raw] = rawLines(line["mem"]);
  if (raw === undefined) return undefined;
  const field = rawString(raw, "field");
  return {
    field: field.slice(field.lastIndexOf(".") + 1),
    addr: rawU64(raw, "addr"),
    length_bytes: rawU64(raw, "len"),
    in: rawBytes(raw, "in"),
    out: rawBytes(raw, "out"),
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
