/**
 * Scalars straight from the bytes of a line, without JSON.parse. Each function reads one value at
 * the cursor and moves behind it, or gives NOT_FAST: then the line goes the slow way, which knows
 * every form and says what is wrong. So these take only the form that our writer writes.
 */

/** The value is not in the plain form; the line must be read the slow way. */
export const NOT_FAST: unique symbol = Symbol("not fast");
export type Fast<T> = T | typeof NOT_FAST;

/** A place in the bytes of a block of lines. */
export interface Cursor {
  bytes: Buffer;
  at: number;
  /** The same bytes, to read several at once. */
  view?: DataView;
  /** What was read already of the event at hand: what tells its kind comes first. */
  seq?: number;
  type?: string;
  op?: string;
  /** Reads the struct of the ioctl at hand: its layout depends on the operation. */
  struct?: (cursor: Cursor) => unknown;
}

/** Points a cursor at a block of bytes; where it stands in them is left alone. */
export function show(cursor: Cursor, bytes: Buffer): void {
  if (cursor.bytes === bytes && cursor.view !== undefined) return;
  cursor.bytes = bytes;
  cursor.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const QUOTE = 0x22;
const MINUS = 0x2d;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
/** A double holds every integer of 53 bits; a larger one of 16 digits is seen to be larger. */
const EXACT_DIGITS = 16;

const NO_DIGIT = 0xff;
/** The value of each hex digit by its character; 0xff for any other. */
export const HEX_DIGIT = new Uint8Array(256).fill(NO_DIGIT);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  HEX_DIGIT[digit.charCodeAt(0)] = value;
}

/** An integer from `min` to `max`. */
export function fastInteger(cursor: Cursor, min: number, max: number): Fast<number> {
  const { bytes } = cursor;
  let { at } = cursor;
  const negative = bytes[at] === MINUS;
  if (negative) at++;
  const start = at;
  let value = 0;
  for (;;) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    at++;
  }
  const digits = at - start;
  if (digits === 0 || digits > EXACT_DIGITS) return NOT_FAST;
  if (bytes[start] === ZERO && (digits > 1 || negative)) return NOT_FAST;
  if (negative) value = -value;
  if (value < min || value > max) return NOT_FAST;
  // A fraction or an exponent is caught by whoever expects a comma or a brace here.
  cursor.at = at;
  return value;
}

/** Two halves, and the same as one u64: the cheapest way to make a bigint. */
export const halves = new Uint32Array(2);
export const whole = new BigUint64Array(halves.buffer);
export const [LOW = 0, HIGH = 1] =
  new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** A u64 as "0x…". */
export function fastU64(cursor: Cursor): Fast<bigint> {
  const { bytes } = cursor;
  let { at } = cursor;
  if (bytes[at] !== QUOTE || bytes[at + 1] !== ZERO || bytes[at + 2] !== 0x78) return NOT_FAST;
  at += 3;
  const start = at;
  let low = 0;
  let high = 0;
  for (;;) {
    const digit = HEX_DIGIT[bytes[at] ?? 0] ?? NO_DIGIT;
    if (digit === NO_DIGIT) break;
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | digit;
    at++;
  }
  const digits = at - start;
  if (digits === 0 || digits > 16 || bytes[at] !== QUOTE) return NOT_FAST;
  cursor.at = at + 1;
  halves[LOW] = low;
  halves[HIGH] = high;
  return whole[0] ?? 0n;
}

/** Texts repeat: labels, paths, names. This many are kept, one for each hash. */
const KEPT_TEXTS = 4096;
const KEPT_CHARACTERS = 64;
const kept: string[] = new Array<string>(KEPT_TEXTS).fill("");

/** A string of printable ASCII without escapes. */
export function fastText(cursor: Cursor): Fast<string> {
  const { bytes } = cursor;
  const start = cursor.at + 1;
  if (bytes[cursor.at] !== QUOTE) return NOT_FAST;
  let at = start;
  let hash = 0;
  for (;;) {
    const character = bytes[at] ?? 0;
    if (character === QUOTE) break;
    if (character < FIRST_PRINTABLE || character > LAST_PRINTABLE) return NOT_FAST;
    if (character === BACKSLASH) return NOT_FAST;
    hash = (Math.imul(hash, 31) + character) | 0;
    at++;
  }
  cursor.at = at + 1;
  const length = at - start;
  const slot = (hash ^ (hash >>> 12)) & (KEPT_TEXTS - 1);
  const known = kept[slot] ?? "";
  if (known.length === length && isAt(known, bytes, start)) return known;
  const text = bytes.toString("latin1", start, at);
  if (length <= KEPT_CHARACTERS) kept[slot] = text;
  return text;
}

function isAt(text: string, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}

/** Bytes as hex. */
export function fastBytes(cursor: Cursor): Fast<Uint8Array> {
  const { bytes, at } = cursor;
  if (bytes[at] !== QUOTE) return NOT_FAST;
  const end = bytes.indexOf(QUOTE, at + 1);
  const digits = end - at - 1;
  if (end < 0 || digits % 2 !== 0) return NOT_FAST;
  const result = new Uint8Array(digits / 2);
  let from = at + 1;
  let seen = 0;
  for (let index = 0; index < result.length; index++) {
    const high = HEX_DIGIT[bytes[from] ?? 0] ?? NO_DIGIT;
    const low = HEX_DIGIT[bytes[from + 1] ?? 0] ?? NO_DIGIT;
    seen |= high | low;
    result[index] = (high << 4) | low;
    from += 2;
  }
  if (seen > 0xf) return NOT_FAST;
  cursor.at = end + 1;
  return result;
}

/** A byte-array field of a struct, in its text form. */
export function fastByteText(cursor: Cursor, length_bytes: number): Fast<string> {
  const text = fastText(cursor);
  if (text === NOT_FAST || text.length > length_bytes) return NOT_FAST;
  return text.length === length_bytes ? text : text.padEnd(length_bytes, "\0");
}

/** Padding of a struct. */
export function fastGap(cursor: Cursor): Fast<string> {
  const raw = fastBytes(cursor);
  return raw === NOT_FAST ? raw : Buffer.from(raw.buffer).toString("latin1");
}

/** One of a few texts. */
export function fastEnum(cursor: Cursor, values: ReadonlySet<string>): Fast<string> {
  const text = fastText(cursor);
  return text !== NOT_FAST && values.has(text) ? text : NOT_FAST;
}

/** Exactly this JSON text, which stands for `value`. */
export function fastLiteral<T>(cursor: Cursor, json: string, value: T): Fast<T> {
  const { bytes, at } = cursor;
  for (let index = 0; index < json.length; index++) {
    if (bytes[at + index] !== json.charCodeAt(index)) return NOT_FAST;
  }
  cursor.at = at + json.length;
  return value;
}

export function fastBoolean(cursor: Cursor): Fast<boolean> {
  return cursor.bytes[cursor.at] === 0x74
    ? fastLiteral(cursor, "true", true)
    : fastLiteral(cursor, "false", false);
}
