/**
 * A small language for C struct layouts, and the two functions that move between bytes and fields.
 *
 * Every byte of a struct has a name: bytes that no field covers (padding, the rest of a union) are
 * carried as `__gap_<offset>` when they are not zero, and bytes behind the last whole field as
 * `tail`. So decoding loses nothing, and "every output byte" can be compared field by field.
 */

import { assert } from "../assert.js";

export type FieldKind = "u8" | "u16" | "u32" | "s32" | "u64" | "bytes";

export interface Field<Kind extends FieldKind = FieldKind> {
  readonly kind: Kind;
  readonly offset: number;
  readonly length_bytes: number;
}

export const u8 = (offset: number): Field<"u8"> => ({ kind: "u8", offset, length_bytes: 1 });
export const u16 = (offset: number): Field<"u16"> => ({ kind: "u16", offset, length_bytes: 2 });
export const u32 = (offset: number): Field<"u32"> => ({ kind: "u32", offset, length_bytes: 4 });
export const s32 = (offset: number): Field<"s32"> => ({ kind: "s32", offset, length_bytes: 4 });
export const u64 = (offset: number): Field<"u64"> => ({ kind: "u64", offset, length_bytes: 8 });
/** A byte array. Its value is a string with one character (0..255) per byte. */
export const bytes = (offset: number, length_bytes: number): Field<"bytes"> => ({
  kind: "bytes",
  offset,
  length_bytes,
});

export type Fields = Readonly<Record<string, Field>>;

/** u64 is a bigint because a number loses bits above 2^53; byte arrays are one char per byte. */
export type ValueOf<F extends Field> =
  F extends Field<"u64"> ? bigint : F extends Field<"bytes"> ? string : number;

export type FieldValue = number | bigint | string;

/** Decoded fields of a struct; a field beyond the size the caller gave is absent. */
export type StructValues = Record<string, FieldValue>;

export interface StructLayout<F extends Fields = Fields> {
  readonly name: string;
  /** The ioctl request number, where the struct is an ioctl argument. */
  readonly request?: number;
  /** `op` of struct iommu_test_cmd, where the layout is one of its variants. */
  readonly selftest_op?: number;
  /** Size this kernel knows, and the smallest it accepts, in bytes. 0: no struct, a plain value. */
  readonly length_bytes: number;
  readonly minimum_bytes: number;
  readonly size_field: string | null;
  readonly fields: F;
}

/** All fields of a layout with their types. */
export type ValuesOf<L extends StructLayout> = {
  -readonly [Name in keyof L["fields"]]: ValueOf<L["fields"][Name]>;
};

/** Keeps the literal field types of a layout; does nothing at run time. */
export function defineStruct<const F extends Fields>(layout: StructLayout<F>): StructLayout<F> {
  return layout;
}

export interface DecodedStruct {
  readonly values: StructValues;
  /** Bytes behind the last whole field; empty when the struct ends where its fields end. */
  readonly tail: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/** Reads the fields that lie wholly in `raw`. Costs O(fields). */
export function decodeStruct(layout: StructLayout, raw: Uint8Array): DecodedStruct {
  const values: StructValues = {};
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  let covered = 0;
  for (const [name, field] of sortedFields(layout)) {
    const end = field.offset + field.length_bytes;
    if (end > raw.length) break;
    readGap(values, raw, covered, field.offset);
    values[name] = readField(view, raw, field);
    covered = end;
  }
  const structEnd = Math.min(layout.length_bytes, raw.length);
  if (covered === fieldsEnd(layout) && structEnd > covered) {
    readGap(values, raw, covered, structEnd);
    covered = structEnd;
  }
  return { values, tail: raw.length > covered ? raw.slice(covered) : EMPTY };
}

/** Writes fields (absent ones as zero) into `length_bytes` bytes, `tail` behind the last field. */
export function encodeStruct(
  layout: StructLayout,
  values: StructValues,
  length_bytes: number,
  tail: Uint8Array = EMPTY,
): Uint8Array {
  const raw = new Uint8Array(length_bytes);
  const view = new DataView(raw.buffer);
  for (const [name, field] of sortedFields(layout)) {
    const value = values[name];
    if (value === undefined || field.offset + field.length_bytes > length_bytes) continue;
    writeField(view, raw, field, value);
  }
  for (const [name, value] of Object.entries(values)) {
    const offset = gapOffset(name);
    if (offset === undefined) continue;
    assert(typeof value === "string", `${name} is not a byte string`);
    writeBytes(raw, offset, value);
  }
  raw.set(tail.subarray(0, length_bytes), Math.max(0, length_bytes - tail.length));
  return raw;
}

/** One character per byte, as byte-array fields hold them. */
export function byteString(raw: Uint8Array): string {
  return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("latin1");
}

/** The inverse of `byteString`. */
export function bytesOf(value: string): Uint8Array {
  return Buffer.from(value, "latin1");
}

const GAP = "__gap_";

/** Offset of a `__gap_<offset>` field, or undefined for an ordinary name. */
export function gapOffset(name: string): number | undefined {
  return name.startsWith(GAP) ? Number(name.slice(GAP.length)) : undefined;
}

function readGap(values: StructValues, raw: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    if (raw[at] !== 0) {
      values[`${GAP}${from}`] = byteString(raw.subarray(from, to));
      return;
    }
  }
}

const sortedCache = new WeakMap<StructLayout, readonly (readonly [string, Field])[]>();

function sortedFields(layout: StructLayout): readonly (readonly [string, Field])[] {
  let sorted = sortedCache.get(layout);
  if (sorted === undefined) {
    sorted = Object.entries(layout.fields).sort(([, a], [, b]) => a.offset - b.offset);
    sortedCache.set(layout, sorted);
  }
  return sorted;
}

function fieldsEnd(layout: StructLayout): number {
  const last = sortedFields(layout).at(-1);
  return last === undefined ? 0 : last[1].offset + last[1].length_bytes;
}

function readField(view: DataView, raw: Uint8Array, field: Field): FieldValue {
  switch (field.kind) {
    case "u8":
      return view.getUint8(field.offset);
    case "u16":
      return view.getUint16(field.offset, true);
    case "u32":
      return view.getUint32(field.offset, true);
    case "s32":
      return view.getInt32(field.offset, true);
    case "u64":
      return view.getBigUint64(field.offset, true);
    case "bytes":
      return byteString(raw.subarray(field.offset, field.offset + field.length_bytes));
  }
}

function writeField(view: DataView, raw: Uint8Array, field: Field, value: FieldValue): void {
  if (field.kind === "bytes") {
    assert(typeof value === "string", "byte-array field without a byte string");
    writeBytes(raw, field.offset, value.slice(0, field.length_bytes));
    return;
  }
  assert(typeof value !== "string", "number field with a byte string");
  switch (field.kind) {
    case "u8":
      view.setUint8(field.offset, Number(value));
      return;
    case "u16":
      view.setUint16(field.offset, Number(value), true);
      return;
    case "u32":
    case "s32":
      view.setUint32(field.offset, Number(value) >>> 0, true);
      return;
    case "u64":
      view.setBigUint64(field.offset, BigInt.asUintN(64, BigInt(value)), true);
  }
}

function writeBytes(raw: Uint8Array, offset: number, value: string): void {
  for (let at = 0; at < value.length && offset + at < raw.length; at++) {
    raw[offset + at] = value.charCodeAt(at);
  }
}
