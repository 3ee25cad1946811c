/**
 * Makes the fast decoder of an object from its schema: a function that walks the keys in the order
 * in which our writer writes them and compares byte by byte. The schema stays the single source;
 * the function is source text made from it, because one function per object with fixed keys is
 * what the JIT compiler makes fast (a loop over a table of keys measured half the speed). No byte
 * of a trace ever gets into that text.
 */

import type * as z from "zod";
import { byteTextLength, gapBytes } from "../engine/event/byte-text.js";
import { hexBytes, u64 } from "../engine/event/scalars.js";
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

/** Reads one value at the cursor, or gives NOT_FAST with the cursor anywhere. */
export type FastDecoder = (cursor: Cursor) => Fast<unknown>;

interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
  readonly options?: readonly z.core.$ZodType[];
  readonly checks?: readonly z.core.$ZodType[];
}

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
  const def = schema._zod.def as unknown as Definition;
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

function integerDecoder(checks: readonly z.core.$ZodType[]): FastDecoder {
  let min = Number.MIN_SAFE_INTEGER;
  let max = Number.MAX_SAFE_INTEGER;
  for (const check of checks) {
    const { check: kind, value, inclusive, format } = check._zod.def as unknown as NumberCheck;
    if (kind === "number_format" && format === "safeint") continue;
    if (value === undefined || inclusive !== true) return slow;
    if (kind === "greater_than") min = value;
    else if (kind === "less_than") max = value;
    else return slow;
  }
  return (cursor) => fastInteger(cursor, min, max);
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

/**
 * The decoder of an object.
 *
 * @param names The keys in the order of the line; default: the schema's.
 * @param special Decoders of single keys, where the schema does not say enough.
 */
export function fastObject(
  shape: Readonly<Record<string, z.core.$ZodType>>,
  names: readonly string[] = Object.keys(shape),
  special: Readonly<Record<string, FastDecoder>> = {},
): FastDecoder {
  const decoders: FastDecoder[] = [];
  const steps: string[] = [];
  for (const name of names) {
    const schema = shape[name];
    if (schema === undefined) return slow;
    const def = schema._zod.def as unknown as Definition;
    const optional = def.type === "optional";
    const inner = optional && def.innerType !== undefined ? def.innerType : schema;
    steps.push(step(name, optional, decoders.push(special[name] ?? fastDecoder(inner)) - 1));
  }
  return compiled(steps, decoders);
}

/** Compares `"name":` behind the brace or comma at `at`, then reads the value. */
function step(name: string, optional: boolean, index: number): string {
  const key = [...Buffer.from(`${JSON.stringify(name)}:`)];
  const found = key.map((byte, offset) => `bytes[at + ${offset + 1}] === ${byte}`).join(" && ");
  return `
    if (bytes[at] === separator && ${found}) {
      cursor.at = at + ${key.length + 1};
      const value = decoders[${index}](cursor);
      if (value === NOT_FAST) return NOT_FAST;
      object[${JSON.stringify(name)}] = value;
      at = cursor.at;
      separator = ${COMMA};
    } ${optional ? "" : "else return NOT_FAST;"}`;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Objects come from a constructor of their own, with Object's prototype: so the JIT compiler learns
 * how many fields they have, and they are plain objects all the same.
 */
function compiled(steps: readonly string[], decoders: readonly FastDecoder[]): FastDecoder {
  const text = `
    function Decoded() {}
    Decoded.prototype = Object.prototype;
    return function decode(cursor) {
      const bytes = cursor.bytes;
      let at = cursor.at;
      let separator = ${OPEN_BRACE};
      const object = new Decoded();
      ${steps.join("")}
      if (separator === ${OPEN_BRACE} && bytes[at++] !== ${OPEN_BRACE}) return NOT_FAST;
      if (bytes[at] !== ${CLOSE_BRACE}) return NOT_FAST;
      cursor.at = at + 1;
      return object;
    };`;
  try {
    return new Function("NOT_FAST", "decoders", text)(NOT_FAST, decoders) as FastDecoder;
  } catch (error) {
    // node --disallow-code-generation-from-strings: everything is read the slow way.
    if (error instanceof EvalError) return slow;
    throw error;
  }
}
