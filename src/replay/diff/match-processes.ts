/** Pairs processes: by what they are for and what they hold, then by the order of their start. */

import { Process } from "../../engine/process/process.js";
import type { StateObject } from "../state/state-value.js";
import { type Pairs, pairByKey } from "./pairs.js";
import { listOf, type StateView, textOf } from "./state-view.js";

export function processName(process: StateObject): string {
  return `process ${process["pid"]}`;
}

export function matchProcesses(pairs: Pairs, a: StateView, b: StateView, same: boolean): void {
  const pair = (key: (process: StateObject, view: StateView) => string): void => {
    const keyed = (view: StateView) =>
      processesOf(view).map((process) => [processName(process), key(process, view)] as const);
    pairByKey(pairs, keyed(a), keyed(b));
  };
  if (same) pair((process, view) => `${process["pid"]} ${startedSeq(process, view)}`);
  pair((process, view) => `${whoIs(process)} ${heldBy(process, view)}`);
  pair(whoIs);
  pair(roleOf);
}

/** In the order in which they were started. */
function processesOf(view: StateView): StateObject[] {
  return listOf(view.state.document, "processes").sort(
    (a, b) => startedSeq(a, view) - startedSeq(b, view),
  );
}

function startedSeq(process: StateObject, view: StateView): number {
  const thing = view.state.things.get(processName(process));
  return thing instanceof Process ? thing.started_seq : 0;
}

function roleOf(process: StateObject): string {
  return textOf(process, "role") ?? textOf(process, "comm") ?? "";
}

function whoIs(process: StateObject): string {
  return `${roleOf(process)} ${textOf(process, "comm") ?? ""}`;
}

/** The sessions and devices it holds: what has a name of its own. */
function heldBy(process: StateObject, view: StateView): string {
  const titles = listOf(process, "fds").flatMap((fd) => {
    const name = view.objectOf(textOf(fd, "file") ?? "");
    const isNamed = name.startsWith("session ") || name.startsWith("device ");
    const entry = isNamed ? view.find(name) : undefined;
    return entry === undefined ? [] : [textOf(entry, "title") ?? ""];
  });
  return [...new Set(titles)].sort().join(" ");
}

/** Who holds a thing, by the names of the processes in A; `?` for those that have no partner. */
export function holdersInA(
  pairs: Pairs,
  processes: readonly string[] | undefined,
  side: "a" | "b",
): string {
  const names = (processes ?? []).map((name) =>
    side === "b" ? (pairs.ofB(name) ?? "?") : pairs.ofA(name) === undefined ? "?" : name,
  );
  return names.sort().join(" ");
}

/** Processes that have a descriptor of a thing, by the thing's name. */
export function holdersOf(view: StateView): Map<string, string[]> {
  const holders = new Map<string, string[]>();
  for (const process of listOf(view.state.document, "processes")) {
    const held = listOf(process, "fds").map((fd) => view.objectOf(textOf(fd, "file") ?? ""));
    for (const name of new Set(held)) {
      holders.set(name, [...(holders.get(name) ?? []), processName(process)]);
    }
  }
  return holders;
}
