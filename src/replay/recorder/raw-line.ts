/**
 * The raw lines of the recorder: what is common to all of them, and readers for their fields. A
 * field that is not there or not of its type is a TraceError that names it.
 */

import { TraceError } from "../trace-error.js";

const HEX = /^0x[0-9a-f]{1,16}$/i;

export type RawLine = Readonly<Record<string, unknown>>;

export function rawNumber(line: RawLine, key: string): number {
  const value = line[key];
  const number = typeof value === "string" && HEX.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number)) return number;
  throw new TraceError("expected an integer of at most 53 bits", { field: key });
}

export function rawString(line: RawLine, key: string): string {
  const value = line[key];
  if (typeof value === "string") return value;
  throw new TraceError("expected a string", { field: key });
}

export function rawU64(line: RawLine, key: string): bigint {
  const value = line[key];
  if (typeof value === "string" && HEX.test(value)) return BigInt(value);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw new TraceError('expected a u64 such as "0x1000"', { field: key });
}

/** Hex of a byte buffer; null where the recorder could not read the memory. */
export function rawBytes(line: RawLine, key: string): Uint8Array | null {
  const value = line[key];
  if (value === null || value === undefined) return null;
  if (typeof value === "string" && /^([0-9a-f]{2})*$/i.test(value)) {
    return new Uint8Array(Buffer.from(value, "hex"));
  }
  throw new TraceError("expected hex digits, two a byte", { field: key });
}

/** The members of a list that have members themselves; empty where there is no list. */
export function rawLines(value: unknown): RawLine[] {
  if (!Array.isArray(value)) return [];
  return value.filter((member): member is RawLine => typeof member === "object" && member !== null);
}

/** A list of strings; empty where there is none. */
export function rawStrings(line: RawLine, key: string): string[] {
  const value = line[key] ?? [];
  if (Array.isArray(value) && value.every((member) => typeof member === "string")) return value;
  throw new TraceError("expected a list of strings", { field: key });
}

export function optionalNumber(line: RawLine, key: string): number | undefined {
  return line[key] === undefined ? undefined : rawNumber(line, key);
}

export function optionalString(line: RawLine, key: string): string | undefined {
  return line[key] === undefined ? undefined : rawString(line, key);
}

export function optionalU64(line: RawLine, key: string): bigint | undefined {
  return line[key] === undefined ? undefined : rawU64(line, key);
}
