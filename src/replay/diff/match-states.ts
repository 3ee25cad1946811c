/**
 * Finds out which thing of one state is which of the other: by what things are and how they are
 * linked, never by descriptor numbers, pids, object ids, tokens or addresses. In two states of one
 * trace the lineage tells. Otherwise strong names come first (sessions, devices), then what hangs
 * on them, and only then the order in which things were made.
 */

import { stableLineageText } from "../../engine/lineage.js";
import type { StateObject } from "../state/state-value.js";
import { matchContexts } from "./match-contexts.js";
import { matchObjects } from "./match-objects.js";
import { holdersInA, holdersOf, matchProcesses } from "./match-processes.js";
import { matchSessionFiles } from "./match-session-files.js";
import { Pairs, pairByKey } from "./pairs.js";
import { nameOf, type StateView, textOf, valueText } from "./state-view.js";

export interface MatchOptions {
  /** Both states are of one trace, at two points: equal lineages are the same thing. */
  readonly same_trace?: boolean | undefined;
}

const WITH_LINEAGE = ["sessions", "memfds", "iommufds", "restored_domains"] as const;

export function matchStates(a: StateView, b: StateView, options: MatchOptions = {}): Pairs {
  const pairs = new Pairs();
  const section = (key: string, keyOf: KeyOf): void => pairSection(pairs, a, b, key, keyOf);
  if (options.same_trace === true) {
    for (const key of WITH_LINEAGE) {
      // One thing can be there twice: its object of the kernel before, kept by a process or LUO.
      section(key, (entry, view) => view.lineageOf(nameOf(entry)));
      section(key, (entry, view) => exactLineage(entry, view));
    }
  }
  section("sessions", sessionKey);
  // One kernel later the session of a name is an incoming one.
  section("sessions", titleKey);
  section("devices", titleKey);
  section("devices", () => "");
  section("restored_domains", devicesKey);
  section("restored_domains", (domain) => textOf(domain, "token"));
  section("restored_domains", () => "");
  matchSessionFiles(pairs, a, b);
  matchProcesses(pairs, a, b, options.same_trace === true);
  pairHeldMemfds(pairs, a, b);
  section("memfds", stableLineage);
  section("memfds", ownLineage);
  section("memfds", titleKey);
  pairNameless(pairs, a, b);
  matchContexts(pairs, a, b);
  for (const context of a.entries("iommufds")) {
    const other = b.find(pairs.ofA(nameOf(context)) ?? "");
    if (other !== undefined) matchObjects(pairs, [a, context], [b, other], options);
  }
  return pairs;
}

type KeyOf = (entry: StateObject, view: StateView) => string | undefined;

export function pairSection(
  pairs: Pairs,
  a: StateView,
  b: StateView,
  section: string,
  key: KeyOf,
): void {
  pairByKey(pairs, keyed(a, section, key), keyed(b, section, key));
}

function keyed(view: StateView, section: string, key: KeyOf) {
  return view.entries(section).map((entry) => [nameOf(entry), key(entry, view)] as const);
}

/** The same name can be on the outgoing and on the incoming list at once. */
function sessionKey(session: StateObject): string {
  const incoming = textOf(session, "state")?.startsWith("in_") === true;
  return `${incoming ? "in" : "out"} ${textOf(session, "title") ?? ""}`;
}

function titleKey(entry: StateObject): string | undefined {
  return textOf(entry, "title");
}

function devicesKey(domain: StateObject): string | undefined {
  return valueText(domain["devices"]) ?? undefined;
}

/** In one trace a kind, a name and a number stand for one thing; domains are parts of one. */
function exactLineage(entry: StateObject, view: StateView): string | undefined {
  const lineage = view.lineage(nameOf(entry));
  if (lineage === undefined) return undefined;
  if (lineage.kind === "hwpt") return view.lineageOf(nameOf(entry))?.replace(/@boot\d+$/, "");
  return `${lineage.kind} ${lineage.name} ${lineage.number}`;
}

/** The session that took it last, and its name. */
function stableLineage(entry: StateObject, view: StateView): string | undefined {
  const lineage = view.lineage(nameOf(entry));
  return lineage && stableLineageText(lineage);
}

/** Its name, whoever took it: that of the file it once was, where LUO brought it back. */
function ownLineage(entry: StateObject, view: StateView): string | undefined {
  return view.lineage(nameOf(entry))?.name;
}

/** Memfds of one name in several processes. */
function pairHeldMemfds(pairs: Pairs, a: StateView, b: StateView): void {
  const keys = (view: StateView, side: "a" | "b") => {
    const holders = holdersOf(view);
    return keyed(view, "memfds", (memfd) => {
      const held = holdersInA(pairs, holders.get(nameOf(memfd)), side);
      return held === "" ? undefined : `${stableLineage(memfd, view)} ${held}`;
    });
  };
  pairByKey(pairs, keys(a, "a"), keys(b, "b"));
}

/** A memfd whose name nobody knows: one of its size will be the same. */
function pairNameless(pairs: Pairs, a: StateView, b: StateView): void {
  const size: KeyOf = (memfd) => textOf(memfd, "size_bytes");
  const ofNameless: KeyOf = (memfd) => (textOf(memfd, "title") === "" ? size(memfd, a) : undefined);
  pairByKey(pairs, keyed(a, "memfds", size), keyed(b, "memfds", ofNameless));
  pairByKey(pairs, keyed(a, "memfds", ofNameless), keyed(b, "memfds", size));
}
