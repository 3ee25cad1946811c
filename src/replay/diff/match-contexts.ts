/** Pairs iommufds: by their devices, their session, who holds them, then by their order. */

import { stableLineageText } from "../../engine/lineage.js";
import type { StateObject } from "../state/state-value.js";
import { holdersInA, holdersOf } from "./match-processes.js";
import { type Pairs, pairByKey } from "./pairs.js";
import { listOf, nameOf, type StateView, textOf } from "./state-view.js";

type KeyOf = (context: StateObject, side: "a" | "b") => string | undefined;

export function matchContexts(pairs: Pairs, a: StateView, b: StateView): void {
  const pair = (key: KeyOf): void => {
    const keyed = (view: StateView, side: "a" | "b") =>
      view.entries("iommufds").map((context) => [nameOf(context), key(context, side)] as const);
    pairByKey(pairs, keyed(a, "a"), keyed(b, "b"));
  };
  const views = { a, b };
  const holders = { a: holdersOf(a), b: holdersOf(b) };
  const sessionOf: KeyOf = (context, side) => {
    const lineage = views[side].lineage(nameOf(context));
    return lineage?.session === undefined ? undefined : stableLineageText(lineage);
  };
  pair((context, side) => both(devicesOf(context), sessionOf(context, side)));
  pair(devicesOf);
  pair(sessionOf);
  pair((context, side) => holdersInA(pairs, holders[side].get(nameOf(context)), side));
  pair((context) => textOf(context, "path"));
}

function both(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || b === undefined ? undefined : `${a} ${b}`;
}

function devicesOf(context: StateObject): string | undefined {
  const devices = listOf(context, "objects")
    .map((object) => textOf(object, "device"))
    .filter((device) => device !== undefined);
  return devices.length === 0 ? undefined : devices.sort().join(" ");
}
