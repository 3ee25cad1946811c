/** Pairs the objects of two iommufds: devices by their address, the rest by what it hangs on. */

import { createHash } from "node:crypto";
import { IommufdContext } from "../../engine/iommufd/context.js";
import type { IommufdObject } from "../../engine/iommufd/object.js";
import { lineageText } from "../../engine/lineage.js";
import { canonicalJson } from "../state/state-text.js";
import type { StateObject } from "../state/state-value.js";
import { mappingRuns } from "./mapping-runs.js";
import type { MatchOptions } from "./match-states.js";
import { type Pairs, pairByKey } from "./pairs.js";
import { listOf, nameOf, type StateView, textOf } from "./state-view.js";

export type Side = readonly [view: StateView, context: StateObject];

/** The name of an object: `iommufd 1/3`. Ids are unique inside one context only. */
export function objectName(context: StateObject, id: unknown): string {
  return `${nameOf(context)}/${id}`;
}

/** An object of an iommufd in the engine. */
export function engineObject(
  [view, context]: Side,
  object: StateObject,
): IommufdObject | undefined {
  const thing = view.state.things.get(nameOf(context));
  return thing instanceof IommufdContext ? thing.find(Number(object["id"])) : undefined;
}

export function matchObjects(
  pairs: Pairs,
  a: Side,
  b: Side,
  { same_trace }: MatchOptions = {},
): void {
  const types = new Set(listOf(a[1], "objects").map((object) => textOf(object, "type") ?? ""));
  if (same_trace === true) {
    for (const type of types) pairOf(pairs, a, b, type, serialKey);
    pairOf(pairs, a, b, "HWPT_PAGING", lineageKey);
  }
  pairOf(pairs, a, b, "DEVICE", (device) => textOf(device, "device"));
  for (const type of ["HWPT_PAGING", "HWPT_NESTED"]) {
    pairOf(pairs, a, b, type, (hwpt, side) => attachedKey(hwpt, side));
    pairOf(pairs, a, b, type, (hwpt) => textOf(hwpt, "token"));
    pairOf(pairs, a, b, type, (hwpt) => textOf(hwpt, "origin"));
    pairOf(pairs, a, b, type, (hwpt) => (hwpt["token"] === undefined ? undefined : "marked"));
  }
  followLinks(pairs, a, b, "HWPT_PAGING", "ioas");
  pairOf(pairs, a, b, "IOAS", (ioas, [view]) => mappingsKey(ioas, view));
  // What is left has nothing that tells it apart but its place.
  for (const type of types) pairOf(pairs, a, b, type, () => "");
}

/** In the order in which they were made; ids are given out again. */
function objectsOf(side: Side, type: string): StateObject[] {
  const serial = (object: StateObject): number => engineObject(side, object)?.serial ?? 0;
  return listOf(side[1], "objects")
    .filter((object) => object["type"] === type)
    .sort((a, b) => serial(a) - serial(b));
}

/** Two replays of one trace number everything in the same way. */
function serialKey(object: StateObject, side: Side): string | undefined {
  const serial = engineObject(side, object)?.serial;
  return serial === undefined ? undefined : String(serial);
}

/** A page table that crossed a kexec is what it was. */
function lineageKey(hwpt: StateObject, side: Side): string | undefined {
  const lineage = engineObject(side, hwpt)?.lineage;
  return lineage && lineageText(lineage);
}

function pairOf(
  pairs: Pairs,
  a: Side,
  b: Side,
  type: string,
  key: (object: StateObject, side: Side) => string | undefined,
): void {
  const keyed = (side: Side) =>
    objectsOf(side, type).map(
      (object) => [objectName(side[1], object["id"]), key(object, side)] as const,
    );
  pairByKey(pairs, keyed(a), keyed(b));
}

/** `0000:00:03.0 pasid 0` of every attachment to the table. */
function attachedKey(hwpt: StateObject, side: Side): string | undefined {
  const attached: string[] = [];
  for (const device of objectsOf(side, "DEVICE")) {
    for (const attachment of listOf(device, "attachments")) {
      if (attachment["hwpt"] !== hwpt["id"]) continue;
      attached.push(`${textOf(device, "device")} pasid ${attachment["pasid"]}`);
    }
  }
  if (attached.length === 0) return undefined;
  return [textOf(hwpt, "origin") ?? "", ...attached.sort()].join(" ");
}

/** Objects that paired objects refer to by id are the same object. */
function followLinks(pairs: Pairs, a: Side, b: Side, type: string, field: string): void {
  for (const object of objectsOf(a, type)) {
    const partner = pairs.ofA(objectName(a[1], object["id"]));
    const other = objectsOf(b, type).find((one) => objectName(b[1], one["id"]) === partner);
    const [idA, idB] = [object[field], other?.[field]];
    if (idA === undefined || idB === undefined) continue;
    pairs.add(objectName(a[1], idA), objectName(b[1], idB));
  }
}

/** What an IOAS maps, without saying which memory: its ranges and rights. */
function mappingsKey(ioas: StateObject, view: StateView): string | undefined {
  const hash = createHash("sha256");
  let runs = 0;
  for (const { first, last, rights } of mappingRuns(ioas, view)) {
    runs++;
    for (const piece of canonicalJson([`${first}`, `${last}`, rights])) hash.update(piece);
  }
  return runs === 0 ? undefined : hash.digest("hex");
}
