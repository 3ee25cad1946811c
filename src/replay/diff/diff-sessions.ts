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
import { luoFileOf, sessionFileName } from "./match-session-files.js";
import { listOf, nameOf, type StateView, textOf, valueText } from "./state-view.js";
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
    return [...found, ...diffFiles(comparison, a, b)];
  });
}

/** A session is never there by accident: its state says what is left to do. */
function onlyIn(title: string, session: StateObject, inA: boolean): Difference {
  const state = stateText(session["state"]);
  const plain = presence("session", title, inA);
  return { ...plain, message: `${plain.message} (${state})` };
}

function diffFiles(comparison: Comparison, a: StateObject, b: StateObject): Difference[] {
  const left = new Map(listOf(b, "files").map((file) => [sessionFileName(b, file), file]));
  const found: Difference[] = [];
  for (const file of listOf(a, "files")) {
    const object = fileTitle(comparison.a, a, file);
    const partner = comparison.pairs.ofA(sessionFileName(a, file)) ?? "";
    const other = left.get(partner);
    left.delete(partner);
    if (other === undefined) found.push(presence("session_file", object, true));
    else found.push(...diffFile(comparison, object, file, other));
  }
  for (const file of left.values()) {
    found.push(presence("session_file", fileTitle(comparison.b, b, file), false));
  }
  return found;
}

/** `vm7/memfd "ram" as token 0x1 of session "vm7"`. */
function fileTitle(view: StateView, session: StateObject, file: StateObject): string {
  const source = luoFileOf(view, session, file)?.source.object.describe() ?? "a file";
  return `${source} as token ${textOf(file, "token")} of ${titleOf(view, nameOf(session))}`;
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
