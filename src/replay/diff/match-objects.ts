/** Pairs the objects of two iommufds: devices by their address, the rest by what it hangs on. */

import { createHash } from "node:crypto";
import { canonicalJson } from "../state/state-text.js";
import type { StateObject } from "../state/state-value.js";
import { mappingRuns } from "./mapping-runs.js";
import { type Pairs, pairByKey } from "./pairs.js";
import { listOf, type StateView, textOf } from "./state-view.js";

type Side = readonly [view: StateView, context: StateObject];

/** The name of an object: `iommufd 1/3`. Ids are unique inside one context only. */
export function objectName(context: StateObject, id: unknown): string {
  return `${textOf(context, "name")}/${id}`;
}

export function matchObjects(pairs: Pairs, a: Side, b: Side): void {
  pairOf(pairs, a, b, "DEVICE", (device) => textOf(device, "device"));
  for (const type of ["HWPT_PAGING", "HWPT_NESTED"]) {
    pairOf(pairs, a, b, type, (hwpt, side) => attachedKey(hwpt, side));
    pairOf(pairs, a, b, type, (hwpt) => textOf(hwpt, "token"));
  }
  followLinks(pairs, a, b, "HWPT_PAGING", "ioas");
  pairOf(pairs, a, b, "IOAS", (ioas, [view]) => mappingsKey(ioas, view));
  const types = new Set(listOf(a[1], "objects").map((object) => textOf(object, "type") ?? ""));
  // What is left has nothing that tells it apart but its place.
  for (const type of types) pairOf(pairs, a, b, type, () => "");
}

function objectsOf([, context]: Side, type: string): StateObject[] {
  return listOf(context, "objects").filter((object) => object["type"] === type);
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
  return attached.length === 0 ? undefined : attached.sort().join(" ");
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
