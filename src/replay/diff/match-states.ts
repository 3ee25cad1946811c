/**
 * Finds out which thing of one state is which of the other: by what things are and how they are
 * linked, never by descriptor numbers, object ids or addresses. Strong names come first (sessions,
 * devices, tokens), then what hangs on them, and only then the order in which things were made.
 */

import type { StateObject } from "../state/state-value.js";
import { matchObjects } from "./match-objects.js";
import { Pairs, pairByKey } from "./pairs.js";
import { listOf, type StateView, textOf } from "./state-view.js";

export function matchStates(a: StateView, b: StateView): Pairs {
  const pairs = new Pairs();
  pairSection(pairs, a, b, "sessions", sessionKey);
  // One kernel later the session of a name is an incoming one.
  pairSection(pairs, a, b, "sessions", titleKey);
  pairSection(pairs, a, b, "devices", titleKey);
  pairSection(pairs, a, b, "restored_domains", (domain) => textOf(domain, "token"));
  pairSessionFiles(pairs, a, b);
  pairProcesses(pairs, a, b);
  pairSection(pairs, a, b, "memfds", titleKey);
  pairNameless(pairs, a, b);
  pairContexts(pairs, a, b);
  for (const context of a.entries("iommufds")) {
    const name = textOf(context, "name") ?? "";
    const partner = pairs.ofA(name);
    const other = partner === undefined ? undefined : b.find(partner);
    if (other !== undefined) matchObjects(pairs, [a, context], [b, other]);
  }
  return pairs;
}

type KeyOf = (entry: StateObject) => string | undefined;

function pairSection(pairs: Pairs, a: StateView, b: StateView, section: string, key: KeyOf): void {
  pairByKey(pairs, keyed(a, section, key), keyed(b, section, key));
}

function keyed(view: StateView, section: string, key: KeyOf) {
  return view.entries(section).map((entry) => [textOf(entry, "name") ?? "", key(entry)] as const);
}

/** The same name can be on the outgoing and on the incoming list at once. */
function sessionKey(session: StateObject): string {
  const incoming = textOf(session, "state")?.startsWith("in_") === true;
  return `${incoming ? "in" : "out"} ${textOf(session, "title") ?? ""}`;
}

function titleKey(entry: StateObject): string | undefined {
  return textOf(entry, "title");
}

/** A memfd that a live update brought back has no name: one of its size will be the same. */
function pairNameless(pairs: Pairs, a: StateView, b: StateView): void {
  const size: KeyOf = (memfd) => textOf(memfd, "size_bytes");
  const ofNameless: KeyOf = (memfd) => (textOf(memfd, "title") === "" ? size(memfd) : undefined);
  pairByKey(pairs, keyed(a, "memfds", size), keyed(b, "memfds", ofNameless));
  pairByKey(pairs, keyed(a, "memfds", ofNameless), keyed(b, "memfds", size));
}

/** A token names the same file in both states; what the file is has to agree too. */
function pairSessionFiles(pairs: Pairs, a: StateView, b: StateView): void {
  for (const session of a.entries("sessions")) {
    const partner = b.find(pairs.ofA(textOf(session, "name") ?? "") ?? "");
    if (partner === undefined) continue;
    const others = new Map(listOf(partner, "files").map((file) => [textOf(file, "token"), file]));
    for (const file of listOf(session, "files")) {
      const other = others.get(textOf(file, "token"));
      const fileA = textOf(file, "file");
      const fileB = other && textOf(other, "file");
      if (fileA === undefined || fileB === undefined) continue;
      const [objectA, objectB] = [a.objectOf(fileA), b.objectOf(fileB)];
      if (kindOf(objectA) !== kindOf(objectB)) continue;
      pairs.add(fileA, fileB);
      pairs.add(objectA, objectB);
    }
  }
}

/** `memfd` of `memfd 3`. */
function kindOf(name: string): string {
  return name.replace(/ \d+$/, "");
}

function pairProcesses(pairs: Pairs, a: StateView, b: StateView): void {
  const byRole = (view: StateView) =>
    listOf(view.state.document, "processes").map(
      (process) => [processName(process), processKey(process)] as const,
    );
  pairByKey(pairs, byRole(a), byRole(b));
}

function processKey(process: StateObject): string {
  return textOf(process, "role") ?? textOf(process, "comm") ?? "";
}

export function processName(process: StateObject): string {
  return `process ${process["pid"]}`;
}

/** Contexts that share a device, then those that the same processes hold, then by their order. */
function pairContexts(pairs: Pairs, a: StateView, b: StateView): void {
  const byDevices = (context: StateObject): string | undefined => {
    const devices = listOf(context, "objects")
      .map((object) => textOf(object, "device"))
      .filter((device) => device !== undefined);
    return devices.length === 0 ? undefined : devices.sort().join(" ");
  };
  pairSection(pairs, a, b, "iommufds", byDevices);
  const [holdersA, holdersB] = [holdersOf(a), holdersOf(b)];
  const byHolders = (
    view: StateView,
    holders: ReadonlyMap<string, readonly string[]>,
    translate: (process: string) => string | undefined,
  ) =>
    view.entries("iommufds").map((context) => {
      const name = textOf(context, "name") ?? "";
      const names = (holders.get(name) ?? []).map((process) => translate(process) ?? "?");
      return [name, names.sort().join(" ")] as const;
    });
  pairByKey(
    pairs,
    byHolders(a, holdersA, (process) => pairs.ofA(process)),
    byHolders(b, holdersB, (process) => (pairs.ofB(process) === undefined ? undefined : process)),
  );
  pairSection(pairs, a, b, "iommufds", (context) => textOf(context, "path"));
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
