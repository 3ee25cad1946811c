/** Lines of the native format as events: JSON, then the schema of that one type or operation. */

import * as z from "zod";
import type { Event } from "../engine/event/index.js";
import { EVENT_SCHEMAS, IOCTL_SCHEMAS } from "../engine/event/index.js";
import { explain, quoted } from "./decode-explain.js";
import { didYouMean } from "./did-you-mean.js";
import { TraceError } from "./trace-error.js";

/** Called for what lenient reading leaves out. */
export type Skip = (kind: string) => void;

type Json = Readonly<Record<string, unknown>>;

/**
 * The value of one line's JSON.
 *
 * @throws TraceError for what is no JSON object.
 */
export function parseObject(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw new TraceError("nested too deeply");
    throw jsonProblem(text, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TraceError(`expected a JSON object, got ${quoted(value)}`, {
      hint: "a trace has one event a line",
    });
  }
  return value as Json;
}

function jsonProblem(text: string, error: unknown): TraceError {
  if (text.trim() === "") return new TraceError("the line is empty", { hint: "remove it" });
  const message = error instanceof Error ? error.message : "";
  const position = /position (\d+)/.exec(message)?.[1];
  const where = position === undefined ? "" : `, at character ${Number(position) + 1}`;
  return new TraceError(`the line is not JSON${where}`, {
    hint: "a trace has one JSON object a line",
  });
}

/**
 * One event from its JSON object.
 *
 * @param skip Where given, unknown types, operations and fields are left out and counted instead of
 *   refused.
 * @returns undefined for an event that was left out.
 * @throws TraceError with the field, what was expected and a hint.
 */
export function decodeEvent(object: Json, skip?: Skip): Event | undefined {
  const schema = schemaOf(object, skip);
  if (schema === undefined) return undefined;
  const result = z.safeDecode(schema, object as never);
  if (result.success) return result.data as Event;
  if (skip !== undefined && dropUnknownFields(object, result.error, skip)) {
    return decodeEvent(object, skip);
  }
  throw explain(result.error, object, schema);
}

function schemaOf(object: Json, skip: Skip | undefined): z.ZodObject | undefined {
  const { type, op } = object;
  if (typeof type !== "string") {
    if (Object.hasOwn(object, "lutrace")) {
      throw new TraceError("a second header", { hint: "was the trace pasted together?" });
    }
    throw new TraceError(
      type === undefined ? "is missing" : `expected a string, got ${quoted(type)}`,
      { field: "type", hint: 'every event has a type, such as "ioctl"' },
    );
  }
  if (type !== "ioctl") {
    if (Object.hasOwn(EVENT_SCHEMAS, type)) {
      return EVENT_SCHEMAS[type as keyof typeof EVENT_SCHEMAS] as unknown as z.ZodObject;
    }
    return unknown("event type", "type", type, ["ioctl", ...Object.keys(EVENT_SCHEMAS)], skip);
  }
  if (typeof op !== "string") {
    throw new TraceError(op === undefined ? "is missing" : `expected a string, got ${quoted(op)}`, {
      field: "op",
      hint: "the name of the ioctl, such as IOMMU_IOAS_MAP",
    });
  }
  return IOCTL_SCHEMAS.get(op) ?? unknown("operation", "op", op, IOCTL_SCHEMAS.keys(), skip);
}

function unknown(
  what: string,
  field: string,
  name: string,
  known: Iterable<string>,
  skip: Skip | undefined,
): undefined {
  if (skip === undefined) {
    throw new TraceError(`unknown ${what} ${quoted(name)}`, {
      field,
      hint: didYouMean(name, known) ?? "--lenient leaves it out",
    });
  }
  skip(`unknown ${what} ${shortened(name)}`);
  return undefined;
}

/** Deletes the fields that the schema does not know; false when there is something else wrong. */
function dropUnknownFields(object: Json, error: z.core.$ZodError, skip: Skip): boolean {
  let dropped = false;
  for (const issue of error.issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const holder = valueAt(object, issue.path);
    if (typeof holder !== "object" || holder === null) continue;
    for (const key of issue.keys) {
      dropped = Reflect.deleteProperty(holder, key) || dropped;
      const field = [...issue.path, key].filter((part) => typeof part === "string").join(".");
      skip(`unknown field ${shortened(field)} of ${String(object["op"] ?? object["type"])}`);
    }
  }
  return dropped;
}

const SHOWN_CHARACTERS = 64;

function shortened(name: string): string {
  return name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name;
}

/** The value a path of the schema leads to. */
function valueAt(object: unknown, path: readonly PropertyKey[]): unknown {
  let value = object;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
