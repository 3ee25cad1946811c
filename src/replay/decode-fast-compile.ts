/**
 * Makes the fast decoder of an object from its schema: a function that walks the keys in the order
 * in which our writer writes them and compares byte by byte. The schema stays the single source.
 */

import type * as z from "zod";
import { byteTextLength, gapBytes } from "../engine/event/byte-text.js";
import { hexBytes, u64 } from "../engine/event/scalars.js";
import {
  callCode,
  compiledObject,
  type IntegerBounds,
  integerCode,
  keyCode,
  takenCode,
  U64_CODE,
} from "./decode-fast-code.js";
import {
  type Cursor,
  type Fast,
  fastBoolean,
  fastBytes,
  fastByteText,
  fastEnum,
  fastGap,
  fastInteger,
  fastLiteral,
  fastText,
  fastU64,
  NOT_FAST,
} from "./decode-fast-scalars.js";
import { definitionOf } from "./schema-definition.js";

/** Reads one value at the cursor, or gives NOT_FAST with the cursor anywhere. */
export type FastDecoder = (cursor: Cursor) => Fast<unknown>;

const slow: FastDecoder = () => NOT_FAST;

const known = new Map<z.core.$ZodType, FastDecoder>([
  [u64, fastU64],
  [hexBytes, fastBytes],
  [gapBytes, fastGap],
]);

/** Gives a schema a decoder of its own, where its structure does not say enough. */
export function setFastDecoder(schema: z.core.$ZodType, decoder: FastDecoder): void {
  known.set(schema, decoder);
}

/** The decoder of any schema; one that always says NOT_FAST where there is no fast way. */
export function fastDecoder(schema: z.core.$ZodType): FastDecoder {
  const def = definitionOf(schema);
  const own = known.get(schema);
  if (own !== undefined) return own;
  const length_bytes = byteTextLength(schema);
  if (length_bytes !== undefined) return (cursor) => fastByteText(cursor, length_bytes);
  switch (def.type) {
    case "number":
      return integerDecoder(def.checks ?? []);
    case "string":
      return def.checks === undefined || def.checks.length === 0 ? fastText : slow;
    case "boolean":
      return fastBoolean;
    case "enum": {
      const values = new Set(Object.values(def.entries ?? {}));
      return (cursor) => fastEnum(cursor, values);
    }
    case "literal":
      return literalDecoder(def.values ?? []);
    case "nullable":
      return nullableDecoder(def.innerType);
    case "array":
      return arrayDecoder(def.element);
    case "union":
      return unionDecoder(def.options ?? []);
    case "object":
      return fastObject(def.shape ?? {});
    default:
      return slow;
  }
}

interface NumberCheck {
  readonly check: string;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly format?: string;
}

/** The bounds of an integer; undefined for checks that are no bounds. */
function boundsOf(checks: readonly z.core.$ZodType[]): IntegerBounds | undefined {
  let min = Number.MIN_SAFE_INTEGER;
  let max = Number.MAX_SAFE_INTEGER;
  for (const check of checks) {
    const { check: kind, value, inclusive, format } = check._zod.def as unknown as NumberCheck;
    if (kind === "number_format" && format === "safeint") continue;
    if (value === undefined || inclusive !== true) return undefined;
    if (kind === "greater_than") min = value;
    else if (kind === "less_than") max = value;
    else return undefined;
  }
  return { min, max };
}

function integerDecoder(checks: readonly z.core.$ZodType[]): FastDecoder {
  const bounds = boundsOf(checks);
  if (bounds === undefined) return slow;
  return (cursor) => fastInteger(cursor, bounds.min, bounds.max);
}

function literalDecoder(values: readonly unknown[]): FastDecoder {
  const [value, ...others] = values;
  if (others.length > 0) return slow;
  const json = JSON.stringify(value);
  return (cursor) => fastLiteral(cursor, json, value);
}

const LETTER_N = 0x6e;

function nullableDecoder(inner: z.core.$ZodType | undefined): FastDecoder {
  if (inner === undefined) return slow;
  const decode = fastDecoder(inner);
  return (cursor) =>
    cursor.bytes[cursor.at] === LETTER_N ? fastLiteral(cursor, "null", null) : decode(cursor);
}

const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

function arrayDecoder(element: z.core.$ZodType | undefined): FastDecoder {
  if (element === undefined) return slow;
  const decode = fastDecoder(element);
  return (cursor) => {
    const { bytes } = cursor;
    if (bytes[cursor.at] !== OPEN_BRACKET) return NOT_FAST;
    const list: unknown[] = [];
    cursor.at++;
    if (bytes[cursor.at] === CLOSE_BRACKET) {
      cursor.at++;
      return list;
    }
    for (;;) {
      const value = decode(cursor);
      if (value === NOT_FAST) return NOT_FAST;
      list.push(value);
      const next = bytes[cursor.at];
      cursor.at++;
      if (next === CLOSE_BRACKET) return list;
      if (next !== COMMA) return NOT_FAST;
    }
  };
}

/** The first member that takes the value; members of a union take no value in common. */
function unionDecoder(options: readonly z.core.$ZodType[]): FastDecoder {
  const decoders = options.map(fastDecoder);
  return (cursor) => {
    const start = cursor.at;
    for (const decode of decoders) {
      cursor.at = start;
      const value = decode(cursor);
      if (value !== NOT_FAST) return value;
    }
    return NOT_FAST;
  };
}

export interface FastObjectOptions {
  /** Decoders of single keys, where the schema does not say enough. */
  readonly special?: Readonly<Record<string, FastDecoder>>;
  /** How many of the first keys stand in the cursor already, by their names. */
  readonly taken?: number;
}

/**
 * The decoder of an object.
 *
 * @param names The keys in the order of the line; default: the schema's.
 */
export function fastObject(
  shape: Readonly<Record<string, z.core.$ZodType>>,
  names: readonly string[] = Object.keys(shape),
  { special = {}, taken = 0 }: FastObjectOptions = {},
): FastDecoder {
  const decoders: FastDecoder[] = [];
  const steps: string[] = [];
  for (const [place, name] of names.entries()) {
    const schema = shape[name];
    if (schema === undefined) return slow;
    if (place < taken) {
      steps.push(takenCode(name));
      continue;
    }
    const def = definitionOf(schema);
    const optional = def.type === "optional";
    const inner = optional && def.innerType !== undefined ? def.innerType : schema;
    const decoder = special[name];
    const inlined = decoder === undefined ? inlinedCode(inner) : undefined;
    const read = inlined ?? callCode(decoders.push(decoder ?? fastDecoder(inner)) - 1);
    steps.push(keyCode(name, optional, read));
  }
  return compiledObject(steps, decoders, taken > 0);
}

function inlinedCode(schema: z.core.$ZodType): string | undefined {
  if (schema === u64) return U64_CODE;
  const def = definitionOf(schema);
  if (def.type !== "number") return undefined;
  const bounds = boundsOf(def.checks ?? []);
  return bounds && integerCode(bounds);
}
