/** Writes state values as JSON text in pieces, so that a long list never lies in memory at once. */

import { isList, type StateObject, type StateValue } from "./state-value.js";

/** A piece is handed out when it is about this long, in characters. */
const PIECE_CHARACTERS = 64 * 1024;

/**
 * Canonical JSON: keys in code unit order, no spaces, absent keys left out. Equal values give equal
 * text, whatever order their keys were made in.
 */
export function* canonicalJson(value: StateValue): Generator<string> {
  yield* gather(pieces(value, undefined, ""));
}

/** JSON to be read by people too: two spaces a level, objects in lists on one line each. */
export function* readableJson(value: StateValue): Generator<string> {
  yield* gather(pieces(value, "  ", "\n"));
}

function* gather(parts: Iterable<string>): Generator<string> {
  let piece = "";
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function* pieces(value: StateValue, step: string | undefined, newline: string): Generator<string> {
  if (isList(value)) {
    yield* listPieces(value, step, newline);
  } else if (typeof value === "object" && value !== null) {
    yield* objectPieces(value, step, newline);
  } else {
    yield JSON.stringify(value);
  }
}

function* listPieces(
  list: Iterable<StateValue>,
  step: string | undefined,
  newline: string,
): Generator<string> {
  const inner = newline === "" ? "" : newline + step;
  let before = "[";
  for (const item of list) {
    yield before + inner;
    // An item without lists inside stays on one line: a table of areas reads like a table.
    if (isFlat(item)) yield flatText(item);
    else yield* pieces(item, step, inner);
    before = ",";
  }
  yield before === "[" ? "[]" : `${newline}]`;
}

function* objectPieces(
  object: StateObject,
  step: string | undefined,
  newline: string,
): Generator<string> {
  const inner = newline === "" ? "" : newline + step;
  const colon = newline === "" ? ":" : ": ";
  let keys = Object.keys(object);
  if (step === undefined) keys = keys.sort();
  let before = "{";
  for (const key of keys) {
    const value = object[key];
    if (value === undefined) continue;
    yield `${before}${inner}${JSON.stringify(key)}${colon}`;
    yield* pieces(value, step, inner);
    before = ",";
  }
  yield before === "{" ? "{}" : `${newline}}`;
}

/** Canonical text of a flat value at once: a generator for each of a million areas is too much. */
function flatText(value: StateValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let text = "";
  for (const key of Object.keys(value).sort()) {
    const entry = (value as StateObject)[key];
    if (entry === undefined) continue;
    text += text === "" ? "{" : ",";
    text += `${JSON.stringify(key)}:${JSON.stringify(entry)}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

function isFlat(value: StateValue): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (isList(value)) return false;
  return Object.values(value).every((entry) => typeof entry !== "object" || entry === null);
}
