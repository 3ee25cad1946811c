/**
 * Routine calls straight from the bytes of a line, as plain numbers: no event, no bigint. It takes
 * the one form in which our writer writes such a call; for any other line it says no, and the line
 * is read as an event. A property test proves that both read the same.
 */

import { requestByName } from "../engine/abi/requests.js";
import { ABSENT, ROUTINE_OPS, type RoutineCall } from "../engine/routine/routine-call.js";
import { compile, literalCode } from "./decode-fast-code.js";
import type { Cursor } from "./decode-fast-scalars.js";

/** True when it read a whole event; the cursor stands behind it then, else anywhere. */
export type RoutineDecoder = (cursor: Cursor, call: RoutineCall) => boolean;

/** 52 bits: the longest hex number that a double holds whatever its digits are. */
const EXACT_HEX_DIGITS = 13;
const EXACT_DECIMAL_DIGITS = 15;

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

/** A field that must be this number, or be left out where that means the same. */
function fixed(name: string, value: number): string {
  return optional(`"${name}":${value},`, "");
}

const KEYS = [
  optional(',"ts":', decimal("call.ts"), `call.ts = ${ABSENT};`),
  optional(',"ts_end":', decimal("call.ts_end"), `call.ts_end = ${ABSENT};`),
  expect(',"pid":'),
  decimal("call.pid"),
  optional(',"tid":', decimal("call.tid"), `call.tid = ${ABSENT};`),
  expect(',"fd":'),
  decimal("call.fd"),
  optional(',"arg":', hex("call.arg"), `call.arg = ${ABSENT};`),
  expect(',"in":{'),
].join("");

const END = [
  expect("}"),
  optional(',"ret":0', "call.recorded = true;", "call.recorded = false;"),
  expect("}"),
].join("");

function sizeOf(op: string): string {
  return fixed("size", requestByName(op)?.layout.length_bytes ?? 0);
}

const IOVA_LAST = [expect(',"length":'), hex("call.length"), expect(',"iova":'), hex("call.iova")];

const STRUCTS = {
  map: [
    sizeOf(ROUTINE_OPS.map),
    expect('"flags":'),
    decimal("call.flags"),
    expect(',"ioas_id":'),
    decimal("call.ioas_id"),
    optional(',"__reserved":0', ""),
    expect(',"user_va":'),
    hex("call.address"),
    ...IOVA_LAST,
  ],
  map_file: [
    sizeOf(ROUTINE_OPS.map_file),
    expect('"flags":'),
    decimal("call.flags"),
    expect(',"ioas_id":'),
    decimal("call.ioas_id"),
    expect(',"fd":'),
    decimal("call.file_fd"),
    expect(',"start":'),
    hex("call.address"),
    ...IOVA_LAST,
  ],
  unmap: [
    sizeOf(ROUTINE_OPS.unmap),
    expect('"ioas_id":'),
    decimal("call.ioas_id"),
    expect(',"iova":'),
    hex("call.iova"),
    expect(',"length":'),
    hex("call.length"),
  ],
} as const;

function decoderOf(kind: keyof typeof STRUCTS): string {
  return `
    if (${literalCode(`"${ROUTINE_OPS[kind]}"`, "at")}) {
      at += ${ROUTINE_OPS[kind].length + 2};
      call.kind = "${kind}";
      ${KEYS}
      ${STRUCTS[kind].join("")}
      ${END}
      cursor.at = at;
      return true;
    }`;
}

/** Undefined where code cannot be made from text: then every line is read as an event. */
export const decodeRoutine = compile<RoutineDecoder>(
  `
  return function decodeRoutine(cursor, call) {
    const bytes = cursor.bytes;
    const view = cursor.view;
    let at = cursor.at;
    let start = 0;
    let value = 0;
    let digit = 0;
    ${expect('{"seq":')}
    ${decimal("call.seq")}
    ${expect(',"type":"ioctl","op":')}
    ${decoderOf("unmap")}
    ${decoderOf("map")}
    ${decoderOf("map_file")}
    return false;
  };`,
  [],
);
