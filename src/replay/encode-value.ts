/**
 * Values of an event as JSON text, by its schema: keys in the schema's order, so that the same
 * event gives the same bytes. Made once per schema, as a tree of small functions.
 */

import * as z from "zod";
import { hexBytes, u64 } from "../engine/event/scalars.js";

/** The JSON text of one value. */
export type Encoder = (value: unknown) => string;

interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
}

/**
 * @param names The keys in their order; default: the schema's.
 * @param special Encoders of single keys, where the schema cannot say enough.
 */
export function objectEncoder(
  shape: Readonly<Record<string, z.core.$ZodType>>,
  names: readonly string[] = Object.keys(shape),
  special: Readonly<Record<string, Encoder>> = {},
): Encoder {
  const members = names.map((name) => ({
    name,
    prefix: `${JSON.stringify(name)}:`,
    encode: special[name] ?? encoderOf(shape[name] ?? z.unknown()),
  }));
  return (value) => {
    const source = value as Readonly<Record<string, unknown>>;
    let text = "";
    for (const { name, prefix, encode } of members) {
      const member = source[name];
      if (member === undefined) continue;
      text += `${text === "" ? "{" : ","}${prefix}${encode(member)}`;
    }
    return text === "" ? "{}" : `${text}}`;
  };
}

/** The encoder of a schema. */
export function encoderOf(schema: z.core.$ZodType): Encoder {
  const def = schema._zod.def as Definition;
  if (schema === u64 || schema === hexBytes) return scalarText;
  if (def.type === "optional" && def.innerType !== undefined) return encoderOf(def.innerType);
  if (def.type === "nullable" && def.innerType !== undefined) {
    const inner = encoderOf(def.innerType);
    return (value) => (value === null ? "null" : inner(value));
  }
  if (def.type === "object" && def.shape !== undefined) return objectEncoder(def.shape);
  if (def.type === "array" && def.element !== undefined) {
    const element = encoderOf(def.element);
    return (value) => `[${(value as readonly unknown[]).map(element).join(",")}]`;
  }
  if (def.type === "pipe") return (value) => JSON.stringify(z.encode(schema, value));
  return scalarText;
}

/** A scalar by what it is in memory: u64 and bytes are hex. */
function scalarText(value: unknown): string {
  if (typeof value === "bigint") return `"0x${value.toString(16)}"`;
  if (value instanceof Uint8Array) return `"${hexOf(value)}"`;
  return JSON.stringify(value);
}

/** Two lower-case hex digits a byte. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
