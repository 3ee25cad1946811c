/** The header line: its version first, so that a newer format is named as such. */

import * as z from "zod";
import { parseObject, type Skip } from "./decode.js";
import { explain, quoted } from "./decode-explain.js";
import { FORMAT_VERSION, HEADER, type TraceHeader } from "./header.js";
import { TraceError } from "./trace-error.js";

/**
 * @param skip Where given, fields that the header does not know are left out and counted.
 * @throws TraceError with the field, what was expected and a hint.
 */
export function decodeHeader(text: string, file: string, skip?: Skip): TraceHeader {
  try {
    return decode(text, skip);
  } catch (error) {
    throw error instanceof TraceError ? error.at({ file, line: 1 }) : error;
  }
}

function decode(text: string, skip: Skip | undefined): TraceHeader {
  const object = parseObject(text);
  const version = object["lutrace"];
  if (version !== FORMAT_VERSION) throw wrongVersion(version);
  const result = z.safeDecode(HEADER, object as never);
  if (result.success) return result.data;
  if (skip === undefined) throw explain(result.error, object, HEADER);
  const known: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (Object.hasOwn(HEADER.shape, key)) known[key] = value;
    else skip(`unknown field ${key} of the header`);
  }
  const second = z.safeDecode(HEADER, known as never);
  if (second.success) return second.data;
  throw explain(second.error, object, HEADER);
}

function wrongVersion(version: unknown): TraceError {
  if (typeof version === "number" && Number.isInteger(version) && version > FORMAT_VERSION) {
    return new TraceError(
      `format version ${version} is newer than this lutrace, which reads up to ${FORMAT_VERSION}`,
      { field: "lutrace", hint: "update lutrace" },
    );
  }
  return new TraceError(`expected format version ${FORMAT_VERSION}, got ${quoted(version)}`, {
    field: "lutrace",
  });
}
