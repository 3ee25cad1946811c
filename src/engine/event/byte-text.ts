/**
 * Byte arrays inside structs (names, UUIDs, raw descriptors). In memory: a string with one
 * character per byte, of the field's full length. In a line: text where the bytes are text, else
 * `{"hex": "…"}`; NULs at the end are left out.
 */

import * as z from "zod";

const hexText = z
  .string()
  .regex(/^([0-9a-f]{2})*$/, "expected bytes as lower-case hex, two digits a byte");

export type ByteText = string | { hex: string };

/** What may stand in a line as text: anything but control characters. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return true;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return false;
  }
  return true;
}

/** The form a line has for the bytes of a field. */
export function byteTextOf(value: string): ByteText {
  let end = value.length;
  while (end > 0 && value.charCodeAt(end - 1) === 0) end--;
  const text = value.slice(0, end);
  if (isPlain(text)) {
    if (isAscii(text)) return text;
    const utf8 = Buffer.from(text, "latin1").toString("utf8");
    if (Buffer.from(utf8, "utf8").toString("latin1") === text) return utf8;
  }
  return { hex: Buffer.from(text, "latin1").toString("hex") };
}

/** The bytes of a field of `length_bytes` from the form a line has; longer input stays longer. */
export function bytesOfText(wire: ByteText, length_bytes: number): string {
  if (typeof wire !== "string") return latin1OfHex(wire.hex).padEnd(length_bytes, "\0");
  const bytes = isAscii(wire) ? wire : Buffer.from(wire, "utf8").toString("latin1");
  return bytes.padEnd(length_bytes, "\0");
}

function latin1OfHex(hex: string): string {
  return Buffer.from(hex, "hex").toString("latin1");
}

const lengths = new WeakMap<z.core.$ZodType, number>();

/** The length of the field that a schema made by `byteText` describes; undefined for another. */
export function byteTextLength(schema: z.core.$ZodType): number | undefined {
  return lengths.get(schema);
}

/** A byte-array field of fixed length. */
export function byteText(length_bytes: number) {
  const schema = z.codec(
    z.union([z.string(), z.strictObject({ hex: hexText })]),
    z
      .string()
      .refine((value) => value.length === length_bytes, `expected at most ${length_bytes} bytes`),
    { decode: (wire) => bytesOfText(wire, length_bytes), encode: byteTextOf },
  );
  lengths.set(schema, length_bytes);
  return schema;
}

/** Padding bytes that are not zero: always hex and always complete, so that none gets lost. */
export const gapBytes = z.codec(hexText, z.string(), {
  decode: latin1OfHex,
  encode: (value) => Buffer.from(value, "latin1").toString("hex"),
});
