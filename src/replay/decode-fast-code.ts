/**
 * Source text of decoders. One function per object with fixed keys, and with its scalars read in
 * place, is what the JIT compiler makes fast: a loop over a table of keys measured half the speed,
 * a call per value two thirds. No byte of a trace ever gets into that text.
 *
 * Inside a decoder, `bytes` and `view` are the block, `at` is the place, and `value` what was read.
 */

import {
  type Cursor,
  type Fast,
  fastText,
  HEX_DIGIT,
  HIGH,
  halves,
  LOW,
  NOT_FAST,
  whole,
} from "./decode-fast-scalars.js";

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;
const WORD_BYTES = 4;
/** A double holds every integer of 53 bits; a larger one of 16 digits is seen to be larger. */
const EXACT_DIGITS = 16;

export interface IntegerBounds {
  readonly min: number;
  readonly max: number;
}

/** A condition: `text` stands at the place `at` names. Compares four bytes at once. */
export function literalCode(text: string, at: string): string {
  const raw = Buffer.from(text);
  if (raw.length < WORD_BYTES) {
    return [...raw].map((byte, offset) => `bytes[${at} + ${offset}] === ${byte}`).join(" && ");
  }
  const tests = [`${at} + ${raw.length} <= bytes.length`];
  for (let offset = 0; offset < raw.length; offset += WORD_BYTES) {
    const from = Math.min(offset, raw.length - WORD_BYTES);
    tests.push(`view.getInt32(${at} + ${from}, true) === ${raw.readInt32LE(from)}`);
  }
  return tests.join(" && ");
}

/** Compares `"name":` behind the brace or comma at `at`, then reads the value. */
export function keyCode(name: string, optional: boolean, read: string): string {
  const key = `${JSON.stringify(name)}:`;
  return `
    if (bytes[at] === separator && ${literalCode(key, "at + 1")}) {
      at += ${Buffer.byteLength(key) + 1};
      ${read}
      object[${JSON.stringify(name)}] = value;
      separator = ${COMMA};
    } ${optional ? "" : "else return NOT_FAST;"}`;
}

/** A key whose value stands in the cursor. */
export function takenCode(name: string): string {
  return `
    object[${JSON.stringify(name)}] = cursor[${JSON.stringify(name)}];`;
}

/** Reads a value with a decoder of its own. */
export function callCode(index: number): string {
  return `
      cursor.at = at;
      const value = decoders[${index}](cursor);
      if (value === NOT_FAST) return NOT_FAST;
      at = cursor.at;`;
}

/** The same as fastInteger. */
export function integerCode({ min, max }: IntegerBounds): string {
  return `
      const negative = bytes[at] === 45;
      if (negative) at++;
      const start = at;
      let value = 0;
      let digit = bytes[at] - 48;
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        digit = bytes[++at] - 48;
      }
      const digits = at - start;
      if (digits === 0 || digits > ${EXACT_DIGITS}) return NOT_FAST;
      if (bytes[start] === 48 && (digits > 1 || negative)) return NOT_FAST;
      if (negative) value = -value;
      if (value < ${min} || value > ${max}) return NOT_FAST;`;
}

/** The same as fastU64. */
export const U64_CODE = `
      if (bytes[at] !== 34 || bytes[at + 1] !== 48 || bytes[at + 2] !== 120) return NOT_FAST;
      at += 3;
      const start = at;
      let low = 0;
      let high = 0;
      let digit = HEX_DIGIT[bytes[at]];
      while (digit < 16) {
        high = (high << 4) | (low >>> 28);
        low = (low << 4) | digit;
        digit = HEX_DIGIT[bytes[++at]];
      }
      const digits = at - start;
      if (digits === 0 || digits > 16 || bytes[at] !== 34) return NOT_FAST;
      at++;
      halves[${LOW}] = low;
      halves[${HIGH}] = high;
      const value = whole[0];`;

type Compiled = (cursor: Cursor) => Fast<unknown>;

/**
 * Objects come from a constructor of their own, with Object's prototype: so the JIT compiler learns
 * how many fields they have, and they are plain objects all the same.
 *
 * @param begun The cursor stands behind the first keys.
 */
export function compiledObject(
  steps: readonly string[],
  decoders: readonly Compiled[],
  begun: boolean,
): Compiled {
  const compiled = compile<Compiled>(
    `
    function Decoded() {}
    Decoded.prototype = Object.prototype;
    return function decode(cursor) {
      const bytes = cursor.bytes;
      const view = cursor.view;
      let at = cursor.at;
      let separator = ${begun ? COMMA : OPEN_BRACE};
      const object = new Decoded();
      ${steps.join("")}
      if (separator === ${OPEN_BRACE} && bytes[at++] !== ${OPEN_BRACE}) return NOT_FAST;
      if (bytes[at] !== ${CLOSE_BRACE}) return NOT_FAST;
      cursor.at = at + 1;
      return object;
    };`,
    decoders,
  );
  return compiled ?? (() => NOT_FAST);
}

/** A test for a fixed text: moves the cursor behind it where it stands there. */
export function compiledLiteral(text: string): (cursor: Cursor) => boolean {
  const compiled = compile<(cursor: Cursor) => boolean>(
    `
    return function passes(cursor) {
      const bytes = cursor.bytes;
      const view = cursor.view;
      const at = cursor.at;
      if (!(${literalCode(text, "at")})) return false;
      cursor.at = at + ${Buffer.byteLength(text)};
      return true;
    };`,
    [],
  );
  return compiled ?? (() => false);
}

/** Undefined under node --disallow-code-generation-from-strings: all is read the slow way then. */
export function compile<T>(text: string, decoders: readonly Compiled[]): T | undefined {
  try {
    const names = ["NOT_FAST", "decoders", "HEX_DIGIT", "halves", "whole", "fastText"];
    const make = new Function(...names, text);
    return make(NOT_FAST, decoders, HEX_DIGIT, halves, whole, fastText) as T;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
