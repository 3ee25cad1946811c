/** Tells formats apart by what the first lines say, never by a file's name. */

import type { LineBlock } from "./lines.js";
import { linesOf, lineText } from "./lines.js";
import { TraceError } from "./trace-error.js";

export type TraceFormat = "native" | "recorder";

/** Lines that are looked at before a file is given up. */
const LOOKED_AT_LINES = 64;

/**
 * The format of a trace by its first lines: a native trace starts with its header; a recorder has
 * `ev` in its lines, of which the first may be broken.
 *
 * @param complete These blocks are the whole input.
 * @returns undefined where more lines may tell.
 * @throws TraceError for anything else, with what it looks like.
 */
export function detectFormat(
  blocks: readonly LineBlock[],
  complete: boolean,
  file: string,
): TraceFormat | undefined {
  let looked_at = 0;
  let first: unknown;
  for (const block of blocks) {
    for (const line of linesOf(block)) {
      if (looked_at++ === LOOKED_AT_LINES) break;
      const value = parsed(lineText(block, line, file));
      if (looked_at === 1) first = value;
      if (typeof value !== "object" || value === null) continue;
      if (looked_at === 1 && Object.hasOwn(value, "lutrace")) return "native";
      if (Object.hasOwn(value, "ev")) return "recorder";
    }
  }
  if (!complete && looked_at < LOOKED_AT_LINES && first === undefined) return undefined;
  throw unknownFormat(first, file);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unknownFormat(first: unknown, file: string): TraceError {
  if (typeof first === "object" && first !== null && Object.hasOwn(first, "type")) {
    return new TraceError("the header is missing", {
      file,
      line: 1,
      hint: 'the first line of a trace is its header, at least {"lutrace":1}',
    });
  }
  return new TraceError("neither a lutrace trace nor a capture that can be imported", {
    file,
    line: 1,
    hint: 'a trace starts with a line such as {"lutrace":1}; see docs/trace-format.md',
  });
}
