/** Pairs the files of sessions: by what was preserved, where that says nothing by token. */

import { stableLineageText } from "../../engine/lineage.js";
import type { LuoFile } from "../../engine/liveupdate/luo-file.js";
import { LuoSession } from "../../engine/liveupdate/session.js";
import { VfioDeviceFile } from "../../engine/vfio/device-file.js";
import type { StateObject } from "../state/state-value.js";
import { type Pairs, pairByKey } from "./pairs.js";
import { listOf, nameOf, type StateView, textOf } from "./state-view.js";

type Side = readonly [view: StateView, session: StateObject];

/** The name of a file in a session: `session 1/0x2`. */
export function sessionFileName(session: StateObject, file: StateObject): string {
  return `${nameOf(session)}/${textOf(file, "token")}`;
}

/** The engine's record of a file of a session. */
export function luoFileOf(
  view: StateView,
  session: StateObject,
  file: StateObject,
): LuoFile | undefined {
  const thing = view.state.things.get(nameOf(session));
  const token = textOf(file, "token");
  if (!(thing instanceof LuoSession) || token === undefined) return undefined;
  return thing.files.get(BigInt(token));
}

export function matchSessionFiles(pairs: Pairs, a: StateView, b: StateView): void {
  for (const session of a.entries("sessions")) {
    const other = b.find(pairs.ofA(nameOf(session)) ?? "");
    if (other === undefined) continue;
    const sides: readonly [Side, Side] = [
      [a, session],
      [b, other],
    ];
    pairFiles(pairs, sides, (file, side) => `${whatItIs(file, side)} ${textOf(file, "token")}`);
    pairFiles(pairs, sides, whatItIs);
    pairFiles(pairs, sides, (file) => `${textOf(file, "handler")} ${textOf(file, "token")}`);
    pairBehind(pairs, sides);
  }
}

function pairFiles(
  pairs: Pairs,
  [a, b]: readonly [Side, Side],
  key: (file: StateObject, side: Side) => string,
): void {
  const keyed = (side: Side) =>
    listOf(side[1], "files").map(
      (file) => [sessionFileName(side[1], file), key(file, side)] as const,
    );
  pairByKey(pairs, keyed(a), keyed(b));
}

/** `memfd-v2 memfd "ram"`, `vfio-pci-v1 0000:3b:00.0`. */
function whatItIs(file: StateObject, [view, session]: Side): string {
  const source = luoFileOf(view, session, file)?.source.object;
  const handler = textOf(file, "handler");
  if (source instanceof VfioDeviceFile) return `${handler} ${source.device.name}`;
  const { lineage } = source ?? {};
  // The session is the same; a file that moved between sessions is still that file.
  const what = lineage && stableLineageText({ ...lineage, session: undefined });
  return `${handler} ${what}`;
}

/** The open files behind paired files, and the things behind those. */
function pairBehind(pairs: Pairs, [[a, session], [b, other]]: readonly [Side, Side]): void {
  const others = new Map(
    listOf(other, "files").map((file) => [sessionFileName(other, file), textOf(file, "file")]),
  );
  for (const file of listOf(session, "files")) {
    const fileA = textOf(file, "file");
    const fileB = others.get(pairs.ofA(sessionFileName(session, file)) ?? "");
    if (fileA === undefined || fileB === undefined) continue;
    pairs.add(fileA, fileB);
    pairs.add(a.objectOf(fileA), b.objectOf(fileB));
  }
}
