/** Differences of live update sessions and of the files in them. */

import type { StateObject, StateValue } from "../state/state-value.js";
import {
  type Comparison,
  fieldDifferences,
  isSame,
  pairedEntries,
  presence,
} from "./comparison.js";
import type { Difference } from "./difference.js";
import { listOf, textOf, valueText } from "./state-view.js";
import { titleOf } from "./titles.js";

const SESSION_STATES: Readonly<Record<string, string>> = {
  out: "created, not handed over",
  out_frozen: "serialized",
  in_wait: "arrived, not retrieved",
  in_open: "retrieved, not finished",
  in_empty: "finished",
  in_stuck: "stuck (its last descriptor was closed before it could finish)",
  unreachable: "unreachable in this kernel",
};

function stateText(value: StateValue | undefined): string | null {
  const text = valueText(value);
  return text === null ? null : (SESSION_STATES[text] ?? text);
}

export function diffSessions(comparison: Comparison): Difference[] {
  return pairedEntries(comparison, "sessions").flatMap(([a, b]) => {
    if (a === undefined) return [onlyIn(titleOf(comparison.b, nameOf(b)), b, false)];
    const title = titleOf(comparison.a, nameOf(a));
    if (b === undefined) return [onlyIn(title, a, true)];
    const found = fieldDifferences(
      comparison,
      "session",
      title,
      [a, b],
      [{ field: "state", words: "is", value: stateText }],
    );
    return [...found, ...diffFiles(comparison, title, a, b)];
  });
}

/** A session is never there by accident: its state says what is left to do. */
function onlyIn(title: string, session: StateObject, inA: boolean): Difference {
  const state = stateText(session["state"]);
  const plain = presence("session", title, inA);
  return { ...plain, message: `${plain.message} (${state})` };
}

function nameOf(entry: StateObject): string {
  return textOf(entry, "name") ?? "";
}

function diffFiles(
  comparison: Comparison,
  title: string,
  a: StateObject,
  b: StateObject,
): Difference[] {
  const left = new Map(listOf(b, "files").map((file) => [textOf(file, "token") ?? "", file]));
  const found: Difference[] = [];
  for (const file of listOf(a, "files")) {
    const token = textOf(file, "token") ?? "";
    const object = `token ${token} of ${title}`;
    const other = left.get(token);
    left.delete(token);
    if (other === undefined) found.push(presence("session_file", object, true));
    else found.push(...diffFile(comparison, object, file, other));
  }
  for (const token of left.keys()) {
    found.push(presence("session_file", `token ${token} of ${title}`, false));
  }
  return found;
}

function diffFile(
  comparison: Comparison,
  object: string,
  a: StateObject,
  b: StateObject,
): Difference[] {
  const fields = [
    { field: "state", words: "is" },
    { field: "handler", words: "is a" },
  ];
  const found = fieldDifferences(comparison, "session_file", object, [a, b], fields);
  const [fileA, fileB] = [textOf(a, "file"), textOf(b, "file")];
  if (fileA === undefined || fileB === undefined) return found;
  const [thingA, thingB] = [comparison.a.objectOf(fileA), comparison.b.objectOf(fileB)];
  if (isSame(comparison, thingA, thingB)) return found;
  const [inA, inB] = [titleOf(comparison.a, thingA), titleOf(comparison.b, thingB)];
  const message = `${object} is ${inA} in A, ${inB} in B`;
  return [...found, { kind: "session_file", object, field: "file", a: inA, b: inB, message }];
}
