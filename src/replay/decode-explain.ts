/** What a schema has against a line, in the words of the format. */

import type * as z from "zod";
import { didYouMean } from "./did-you-mean.js";
import { TraceError } from "./trace-error.js";

type Issue = z.core.$ZodIssue;

/**
 * The main problem of a line: which field, what was expected, what was there.
 *
 * @param value The line's JSON.
 */
export function explain(
  error: z.core.$ZodError,
  value: unknown,
  schema: z.core.$ZodType,
): TraceError {
  // A field that is unknown is often the reason why another is missing.
  const first = error.issues.find(({ code }) => code === "unrecognized_keys") ?? error.issues[0];
  if (first === undefined) return new TraceError("does not fit the format");
  const { issue, path } = innermost(first, value, first.path);
  const found = at(value, path);
  const field = dotted(path);
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const hint = didYouMean(key, keysOf(schema, path)) ?? "--lenient leaves it out";
    return new TraceError("unknown field", { field: dotted([...path, key]), hint });
  }
  if (found === undefined) return new TraceError(`is missing, ${expectation(issue)}`, { field });
  const known = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const hint = typeof found === "string" ? didYouMean(found, known) : undefined;
  return new TraceError(`${expectation(issue)}, got ${quoted(found)}`, { field, hint });
}

/** A union is unhappy with each of its members: the member meant is the one that fits deepest. */
function innermost(
  issue: Issue,
  value: unknown,
  path: readonly PropertyKey[],
): { issue: Issue; path: readonly PropertyKey[] } {
  if (issue.code !== "invalid_union") return { issue, path };
  let best: { issue: Issue; path: readonly PropertyKey[] } | undefined;
  for (const [inner] of issue.errors) {
    if (inner === undefined) continue;
    const candidate = innermost(inner, value, [...path, ...inner.path]);
    const wrong_type = candidate.issue.code === "invalid_type";
    const deeper = best === undefined || candidate.path.length > best.path.length;
    const closer = best?.issue.code === "invalid_type" && !wrong_type;
    if (deeper || closer) best = candidate;
  }
  return best ?? { issue, path };
}

const LISTED_VALUES = 12;

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.message.startsWith("expected")) return issue.message;
      return `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case "too_big":
      return `expected at most ${String(issue.maximum)}`;
    case "too_small":
      return `expected at least ${String(issue.minimum)}`;
    case "invalid_value": {
      const custom = issue.message.startsWith("expected") ? issue.message : undefined;
      if (custom !== undefined) return custom;
      if (issue.values.length > LISTED_VALUES) return "expected one of the known values";
      return `expected ${issue.values.map(quoted).join(" or ")}`;
    }
    case "invalid_union":
      return issue.message.startsWith("expected") ? issue.message : "expected another form";
    default:
      return issue.message;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: "an integer",
  number: "an integer",
  string: "a string",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  record: "an object",
};

/** `in.flags`, `mem.in[2].start`. */
function dotted(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += `${text === "" ? "" : "."}${String(part)}`;
  }
  return text;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Record<PropertyKey, unknown>)[key];
  }
  return inner;
}

const SHOWN_CHARACTERS = 40;

/** A value as it stands in the line, shortened. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string" && value.length > SHOWN_CHARACTERS) {
    return `${JSON.stringify(value.slice(0, SHOWN_CHARACTERS)).slice(0, -1)}…"`;
  }
  return JSON.stringify(value) ?? "nothing";
}

interface Definition {
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
}

/** The field names that the schema knows at a path. */
function keysOf(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const def = schema._zod.def as Definition;
  if (def.innerType !== undefined) return keysOf(def.innerType, path);
  if (def.in !== undefined) return keysOf(def.in, path);
  if (def.options !== undefined) return def.options.flatMap((option) => keysOf(option, path));
  const [key, ...rest] = path;
  if (def.element !== undefined) return key === undefined ? [] : keysOf(def.element, rest);
  if (def.shape === undefined) return [];
  if (key === undefined) return Object.keys(def.shape);
  const inner = def.shape[String(key)];
  return inner === undefined ? [] : keysOf(inner, rest);
}
