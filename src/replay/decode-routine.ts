/**
 * Routine calls straight from the bytes of a line, as plain numbers: no event, no bigint. It takes
 * the one form in which our writer writes such a call; for any other line it says no, and the line
 * is read as an event. A property test proves that both read the same.
 */

import { requestByName } from "../engine/abi/requests.js";
import {
  ABSENT,
  ROUTINE_EVENTS,
  ROUTINE_KINDS,
  type RoutineCall,
  type RoutineKind,
} from "../engine/routine/routine-call.js";
import { compile, literalCode } from "./decode-fast-code.js";
import type { Cursor } from "./decode-fast-scalars.js";

/** True when it read a whole event; the cursor stands behind it then, else anywhere. */
export type RoutineDecoder = (cursor: Cursor, call: RoutineCall) => boolean;

/** 52 bits: the longest hex number that a double holds whatever its digits are. */
const EXACT_HEX_DIGITS = 13;
const EXACT_DECIMAL_DIGITS = 15;
const S32_MAX = 0x7fff_ffff;
const U32_MAX = 0xffff_ffff;

/** Goes on behind `text`, or gives the line up. */
function expect(text: string): string {
  return `
    if (!(${literalCode(text, "at")})) return false;
    at += ${text.length};`;
}

/** A number without sign, into `target`. */
function decimal(target: string): string {
  return `
    start = at;
    value = 0;
    while ((digit = bytes[at] - 48) >= 0 && digit <= 9) {
      value = value * 10 + digit;
      at++;
    }
    if (at === start || at - start > ${EXACT_DECIMAL_DIGITS}) return false;
    if (bytes[start] === 48 && at - start > 1) return false;
    ${target} = value;`;
}

/** The same up to `max`. */
function decimalUpTo(max: number, target: string): string {
  return `${decimal(target)}
    if (value > ${max}) return false;`;
}

/** A u64 as "0x…", into `target`. */
function hex(target: string): string {
  return `
    if (bytes[at] !== 34 || bytes[at + 1] !== 48 || bytes[at + 2] !== 120) return false;
    at += 3;
    start = at;
    value = 0;
    while ((digit = HEX_DIGIT[bytes[at]]) < 16) {
      value = value * 16 + digit;
      at++;
    }
    if (at === start || at - start > ${EXACT_HEX_DIGITS} || bytes[at] !== 34) return false;
    at++;
    ${target} = value;`;
}

/** Reads what follows `text` where that stands here; else does `otherwise`. */
function optional(text: string, read: string, otherwise = ""): string {
  return `
    if (${literalCode(text, "at")}) {
      at += ${text.length};
      ${read}
    } else { ${otherwise} }`;
}

/** Keys that every event may have, up to the first that is its own. */
function common(pid: "needed" | "optional"): string {
  const read = decimalUpTo(S32_MAX, "call.pid");
  return [
    optional(',"ts":', decimal("call.ts"), `call.ts = ${ABSENT};`),
    optional(',"ts_end":', decimal("call.ts_end"), `call.ts_end = ${ABSENT};`),
    pid === "needed"
      ? expect(',"pid":') + read
      : optional(',"pid":', read, `call.pid = ${ABSENT};`),
    optional(',"tid":', decimalUpTo(S32_MAX, "call.tid"), `call.tid = ${ABSENT};`),
  ].join("");
}

/** Printable text without escapes, into `text`. */
const TEXT = `
    cursor.at = at;
    text = fastText(cursor);
    if (text === NOT_FAST) return false;
    at = cursor.at;`;

/**
 * The name of a device, into `call.device_name`: nearly always the same as in the transfer before,
 * so the bytes are held against that one first, four at a time.
 */
const DEVICE = `
    if (!isDevice(bytes, view, at)) {
      start = at;
      ${TEXT}
      rememberDevice(bytes, view, start, at, text);
    } else at += device_bytes;
    call.device_name = device_name;`;

/** What DEVICE needs outside of the decoder. */
const DEVICE_STATE = `
  let device_name = "";
  /** Bytes of the name with its quotes; a name of less than a word is never remembered. */
  let device_bytes = 0;
  const device_words = new Int32Array(16);
  function isDevice(bytes, view, at) {
    if (device_bytes === 0 || at + device_bytes > bytes.length) return false;
    if (view.getInt32(at + device_bytes - 4, true) !== device_words[0]) return false;
    for (let from = 0, word = 1; from + 4 <= device_bytes; from += 4, word++) {
      if (view.getInt32(at + from, true) !== device_words[word]) return false;
    }
    return true;
  }
  function rememberDevice(bytes, view, from, to, text) {
    device_name = text;
    device_bytes = 0;
    if (to - from < 4 || to - from > 60) return;
    device_bytes = to - from;
    device_words[0] = view.getInt32(to - 4, true);
    for (let at = from, word = 1; at + 4 <= to; at += 4, word++) {
      device_words[word] = view.getInt32(at, true);
    }
  }`;

const IOCTL_START = [
  common("needed"),
  expect(',"fd":'),
  decimalUpTo(S32_MAX, "call.fd"),
  optional(',"arg":', hex("call.arg"), `call.arg = ${ABSENT};`),
  expect(',"in":{'),
].join("");

const IOCTL_END = [expect("}"), optional(',"ret":0', "call.recorded = true;")].join("");

/** A struct says its size, or leaves it to be right. */
function sizeOf(op: string): string {
  return optional(`"size":${requestByName(op)?.layout.length_bytes ?? 0},`, "");
}

const LENGTH_AND_IOVA = [
  expect(',"length":'),
  hex("call.length"),
  expect(',"iova":'),
  hex("call.iova"),
].join("");

/** What follows the operation or the type, up to the brace that closes the event. */
const BODIES: Readonly<Record<RoutineKind, readonly string[]>> = {
  map: [
    IOCTL_START,
    sizeOf(ROUTINE_EVENTS.map.op),
    expect('"flags":'),
    decimalUpTo(U32_MAX, "call.flags"),
    expect(',"ioas_id":'),
    decimalUpTo(U32_MAX, "call.ioas_id"),
    optional(',"__reserved":0', ""),
    expect(',"user_va":'),
    hex("call.address"),
    LENGTH_AND_IOVA,
    IOCTL_END,
  ],
  map_file: [
    IOCTL_START,
    sizeOf(ROUTINE_EVENTS.map_file.op),
    expect('"flags":'),
    decimalUpTo(U32_MAX, "call.flags"),
    expect(',"ioas_id":'),
    decimalUpTo(U32_MAX, "call.ioas_id"),
    expect(',"fd":'),
    decimalUpTo(S32_MAX, "call.file_fd"),
    expect(',"start":'),
    hex("call.address"),
    LENGTH_AND_IOVA,
    IOCTL_END,
  ],
  unmap: [
    IOCTL_START,
    sizeOf(ROUTINE_EVENTS.unmap.op),
    expect('"ioas_id":'),
    decimalUpTo(U32_MAX, "call.ioas_id"),
    expect(',"iova":'),
    hex("call.iova"),
    expect(',"length":'),
    hex("call.length"),
    IOCTL_END,
  ],
  dma: [
    common("optional"),
    expect(',"device":'),
    DEVICE,
    expect(',"iova":'),
    hex("call.iova"),
    expect(',"length_bytes":'),
    decimal("call.length"),
    expect(',"direction":'),
    optional('"read"', "call.write = false;", `${expect('"write"')} call.write = true;`),
    expect(',"observed":"ok"'),
  ],
  cpu_write: [
    common("needed"),
    expect(',"fd":'),
    decimalUpTo(S32_MAX, "call.fd"),
    expect(',"offset":'),
    hex("call.address"),
    expect(',"length_bytes":'),
    decimal("call.length"),
  ],
  note: [common("optional"), expect(',"text":'), TEXT],
  open: [
    common("needed"),
    expect(',"path":'),
    TEXT,
    "call.path = text;",
    expect(',"flags":'),
    decimalUpTo(U32_MAX, "call.flags"),
    expect(',"ret":'),
    decimal("call.fd"),
    "call.recorded = true;",
  ],
  close: [
    common("needed"),
    expect(',"fd":'),
    decimalUpTo(S32_MAX, "call.fd"),
    expect(',"ret":0'),
    "call.recorded = true;",
  ],
};

function decoderOf(kind: RoutineKind): string {
  const { type, op } = ROUTINE_EVENTS[kind];
  const name = `"${op ?? type}"`;
  return `
    if (${literalCode(name, "at")}) {
      at += ${name.length};
      call.kind = "${kind}";
      call.index = ${ROUTINE_KINDS.indexOf(kind)};
      ${BODIES[kind].join("")}
      ${expect("}")}
      cursor.at = at;
      return true;
    }`;
}

const OP = '"ioctl","op":';
function decodersOf(kinds: readonly RoutineKind[]): string {
  return kinds.map(decoderOf).join("");
}

/** Undefined where code cannot be made from text: then every line is read as an event. */
export const decodeRoutine = compile<RoutineDecoder>(
  `
  ${DEVICE_STATE}
  return function decodeRoutine(cursor, call) {
    const bytes = cursor.bytes;
    const view = cursor.view;
    let at = cursor.at;
    let start = 0;
    let value = 0;
    let digit = 0;
    let text;
    call.recorded = false;
    ${expect('{"seq":')}
    ${decimal("call.seq")}
    ${expect(',"type":')}
    if (${literalCode(OP, "at")}) {
      at += ${OP.length};
      ${decodersOf(ROUTINE_KINDS.filter((kind) => ROUTINE_EVENTS[kind].op !== undefined))}
      return false;
    }
    ${decodersOf(ROUTINE_KINDS.filter((kind) => ROUTINE_EVENTS[kind].op === undefined))}
    return false;
  };`,
  [],
);
