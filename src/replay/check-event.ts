/**
 * Whether an event an importer made is one of the format. Recordings come from outside: what they
 * claim may not fit, and then it must not get into the engine. Checks are made from the schemas.
 */

import type * as z from "zod";
import { AssertionError, assert } from "../engine/assert.js";
import { byteTextLength, gapBytes } from "../engine/event/byte-text.js";
import { EVENT_SCHEMAS, type Event, IOCTL_SCHEMAS } from "../engine/event/index.js";
import { type NestedBuffer, nested } from "../engine/event/nested.js";
import { hexBytes, u64 } from "../engine/event/scalars.js";
import { U64_MAX } from "../engine/u64.js";
import { decodeEvent, parseObject } from "./decode.js";
import { eventLine } from "./encode.js";
import { type Definition, definitionOf } from "./schema-definition.js";

type Check = (value: unknown) => boolean;

const checks = new Map<string, Check>();

/**
 * Refuses an event that is none of the format. Costs O(fields).
 *
 * @throws TraceError with the field.
 */
export function checkEvent(event: Event): void {
  const name = event.type === "ioctl" ? event.op : event.type;
  let check = checks.get(name);
  if (check === undefined) {
    const schema = event.type === "ioctl" ? IOCTL_SCHEMAS.get(name) : EVENT_SCHEMAS[event.type];
    assert(schema !== undefined, `no schema for ${name}`);
    check = checkOf(schema);
    checks.set(name, check);
  }
  if (check(event)) return;
  // The schema says what is wrong, in the words of the format.
  decodeEvent(parseObject(eventLine(event)));
  assert(false, `the check of ${name} refuses what its schema takes: ${eventLine(event)}`);
}

/** The memory form of what a schema describes. */
function checkOf(schema: z.core.$ZodType): Check {
  if (schema === u64) return isU64;
  if (schema === hexBytes) return isBytes;
  if (schema === gapBytes) return isString;
  if (schema === (nested as z.core.$ZodType)) return isNested;
  const length_bytes = byteTextLength(schema);
  if (length_bytes !== undefined) {
    return (value) => isString(value) && value.length === length_bytes;
  }
  const def = definitionOf(schema);
  switch (def.type) {
    case "number":
      return integerCheck(def.checks ?? []);
    case "string":
      return isString;
    case "boolean":
      return (value) => typeof value === "boolean";
    case "enum": {
      const values = new Set<unknown>(Object.values(def.entries ?? {}));
      return (value) => values.has(value);
    }
    case "literal": {
      const values = new Set(def.values);
      return (value) => values.has(value);
    }
    case "optional":
    case "nullable":
      return withoutValue(def, def.type === "nullable" ? null : undefined);
    case "array":
      return arrayCheck(def.element);
    case "union": {
      const options = (def.options ?? []).map(checkOf);
      return (value) => options.some((check) => check(value));
    }
    case "object":
      return objectCheck(def.shape ?? {});
    default:
      throw new AssertionError(`no check for a schema of type ${def.type}`);
  }
}

const isString = (value: unknown): value is string => typeof value === "string";
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
const isU64 = (value: unknown): value is bigint =>
  typeof value === "bigint" && value >= 0n && value <= U64_MAX;

function isNested(value: unknown): boolean {
  const mem = value as NestedBuffer;
  return (
    isString(mem.field) &&
    isU64(mem.addr) &&
    isU64(mem.length_bytes) &&
    (mem.in === null || isBytes(mem.in)) &&
    (mem.out === null || isBytes(mem.out))
  );
}

function withoutValue(def: Definition, absent: null | undefined): Check {
  const inner = checkOf(required(def.innerType));
  return (value) => value === absent || inner(value);
}

function arrayCheck(element: z.core.$ZodType | undefined): Check {
  const check = checkOf(required(element));
  return (value) => Array.isArray(value) && value.every(check);
}

function objectCheck(shape: Readonly<Record<string, z.core.$ZodType>>): Check {
  const members = Object.entries(shape).map(([name, schema]) => [name, checkOf(schema)] as const);
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    const object = value as Readonly<Record<string, unknown>>;
    for (const [name, check] of members) {
      if (!check(object[name])) return false;
    }
    return true;
  };
}

interface NumberCheck {
  readonly check: string;
  readonly value?: number;
}

function integerCheck(schemas: readonly z.core.$ZodType[]): Check {
  const defs = schemas.map((schema) => schema._zod.def as unknown as NumberCheck);
  const bound = (kind: string) => defs.find(({ check }) => check === kind)?.value;
  const min = bound("greater_than") ?? Number.MIN_SAFE_INTEGER;
  const max = bound("less_than") ?? Number.MAX_SAFE_INTEGER;
  return (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
}

function required<T>(part: T | undefined): T {
  assert(part !== undefined, "a schema without its part");
  return part;
}
