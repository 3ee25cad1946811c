/** Differences of iommufds: their objects, what is attached to what, and what is mapped where. */

import type { StateObject } from "../state/state-value.js";
import { compareMappings, type MappingDifference } from "./compare-mappings.js";
import {
  type Comparison,
  type FieldWords,
  fieldDifferences,
  flagText,
  pairedEntries,
  presence,
} from "./comparison.js";
import type { Difference } from "./difference.js";
import { type MappingRun, mappingRuns } from "./mapping-runs.js";
import { objectName, type Side } from "./match-objects.js";
import { listOf, nameOf, type StateView, textOf } from "./state-view.js";
import { attachedDevices, devicesBehind, objectTitle, titleOf } from "./titles.js";

/** More differences in the mappings of one IOAS are counted, not listed. */
const MAPPINGS_MAX = 1000;

export function diffContexts(comparison: Comparison): Difference[] {
  return pairedEntries(comparison, "iommufds").flatMap(([a, b]) => {
    if (a === undefined) return onlyIn(comparison.b, b, false);
    if (b === undefined) return onlyIn(comparison.a, a, true);
    return diffObjects(comparison, a, b);
  });
}

/** An iommufd that only one state has, and the devices it keeps. */
function onlyIn(view: StateView, context: StateObject, inA: boolean): Difference[] {
  const devices = listOf(context, "objects")
    .map((object) => textOf(object, "device"))
    .filter((device) => device !== undefined);
  const owns = devices.length === 0 ? "" : `; it owns ${devices.join(", ")}`;
  const plain = presence("iommufd", titleOf(view, nameOf(context)), inA);
  return [{ ...plain, message: plain.message + owns }];
}

function diffObjects(comparison: Comparison, a: StateObject, b: StateObject): Difference[] {
  const { pairs } = comparison;
  const left = new Map(listOf(b, "objects").map((object) => [objectName(b, object["id"]), object]));
  const found: Difference[] = [];
  for (const object of listOf(a, "objects")) {
    const partner = pairs.ofA(objectName(a, object["id"]));
    const other = partner === undefined ? undefined : left.get(partner);
    if (partner !== undefined) left.delete(partner);
    if (other === undefined) found.push(objectOnlyIn([comparison.a, a], object, true));
    else found.push(...diffObject(comparison, [a, object], [b, other]));
  }
  for (const object of left.values()) {
    found.push(objectOnlyIn([comparison.b, b], object, false));
  }
  return found;
}

function objectOnlyIn(side: Side, object: StateObject, inA: boolean): Difference {
  const [, context] = side;
  const plain = presence("iommufd_object", objectTitle(side, object), inA);
  const devices = attachedDevices(context, object);
  if (devices.length === 0) return plain;
  return { ...plain, message: `${plain.message}, attached to ${devices.join(", ")}` };
}

type Placed = readonly [context: StateObject, object: StateObject];

function diffObject(comparison: Comparison, a: Placed, b: Placed): Difference[] {
  const title = objectTitle([comparison.a, a[0]], a[1]);
  switch (a[1]["type"]) {
    case "IOAS":
      return [...diffIoas(comparison, title, a, b)];
    case "DEVICE":
      return diffAttachments(comparison, title, a, b);
    default:
      return diffFields(comparison, title, a, b);
  }
}

/** What else can differ between two objects of one type. */
const OBJECT_FIELDS: Readonly<Record<string, readonly FieldWords[]>> = {
  HWPT_PAGING: [
    // Any token will do.
    { field: "token", words: "marked for live update", value: flagText },
    { field: "preserved", words: "preserved", value: flagText },
    { field: "flags", words: "flags" },
    { field: "dirty_tracking", words: "dirty tracking" },
    { field: "dirty", words: "dirty IOVAs" },
  ],
  ACCESS: [{ field: "pins", words: "pinned IOVAs" }],
  FAULT: [
    { field: "waiting", words: "page requests nobody has read" },
    { field: "unanswered", words: "page requests nobody has answered" },
  ],
  VEVENTQ: [{ field: "events", words: "events nobody has read" }],
  VDEVICE: [{ field: "virt_id", words: "number in its vIOMMU" }],
};

/** Fields that name another object of the context by its id. */
const LINKS: readonly string[] = ["ioas", "parent", "viommu", "fault", "of_device", "depends_on"];

function diffFields(comparison: Comparison, title: string, a: Placed, b: Placed): Difference[] {
  const kind = "iommufd_object";
  const fields = OBJECT_FIELDS[String(a[1]["type"])] ?? [];
  const found = fieldDifferences(comparison, kind, title, [a[1], b[1]], fields);
  for (const field of LINKS) {
    const [linkA, linkB] = [linkOf(comparison.a, a, field), linkOf(comparison.b, b, field)];
    if (linkA === undefined && linkB === undefined) continue;
    if (linkA && linkB && comparison.pairs.has(linkA.name, linkB.name)) continue;
    const [inA, inB] = [linkA?.title ?? null, linkB?.title ?? null];
    const words = field.replaceAll("_", " ");
    const message = `${title}: ${words} ${inA ?? "none"} in A, ${inB ?? "none"} in B`;
    found.push({ kind, object: title, field, a: inA, b: inB, message });
  }
  return found;
}

function linkOf(view: StateView, [context, object]: Placed, field: string) {
  const id = object[field];
  const target = listOf(context, "objects").find((other) => other["id"] === id);
  if (target === undefined) return undefined;
  return { name: objectName(context, id), title: objectTitle([view, context], target) };
}

/** Which page table each PASID of a device uses. */
function diffAttachments(
  comparison: Comparison,
  title: string,
  a: Placed,
  b: Placed,
): Difference[] {
  const { pairs } = comparison;
  const [inA, inB] = [attachments(a), attachments(b)];
  const found: Difference[] = [];
  for (const pasid of new Set([...inA.keys(), ...inB.keys()])) {
    const [hwptA, hwptB] = [inA.get(pasid), inB.get(pasid)];
    const nameA = hwptA && objectName(a[0], hwptA["id"]);
    const nameB = hwptB && objectName(b[0], hwptB["id"]);
    if (nameA !== undefined && nameB !== undefined && pairs.has(nameA, nameB)) continue;
    const textA = hwptA === undefined ? null : objectTitle([comparison.a, a[0]], hwptA);
    const textB = hwptB === undefined ? null : objectTitle([comparison.b, b[0]], hwptB);
    const who = pasid === 0 ? title : `${title}, PASID ${pasid}`;
    const message = `${who}: attached to ${textA ?? "nothing"} in A, ${textB ?? "nothing"} in B`;
    const field = `attachment of PASID ${pasid}`;
    found.push({ kind: "iommufd_object", object: title, field, a: textA, b: textB, message });
  }
  return found;
}

function attachments([context, device]: Placed): Map<number, StateObject> {
  const found = new Map<number, StateObject>();
  for (const { pasid, hwpt } of listOf(device, "attachments")) {
    const table = listOf(context, "objects").find((object) => object["id"] === hwpt);
    if (table !== undefined) found.set(Number(pasid), table);
  }
  return found;
}

function* diffIoas(
  comparison: Comparison,
  title: string,
  [contextA, a]: Placed,
  [, b]: Placed,
): Generator<Difference> {
  const fields = [
    { field: "reserved", words: "reserved IOVAs" },
    { field: "allowed", words: "allowed IOVAs" },
  ];
  yield* fieldDifferences(comparison, "iommufd_object", title, [a, b], fields);
  const isSame = (memoryA: string, memoryB: string): boolean =>
    memoryA === memoryB || comparison.pairs.has(memoryA, memoryB);
  const users = devicesBehind(contextA, a);
  let listed = 0;
  let more = 0;
  const runs = [mappingRuns(a, comparison.a), mappingRuns(b, comparison.b)] as const;
  for (const difference of compareMappings(...runs, isSame)) {
    if (listed++ < MAPPINGS_MAX) yield mappingDifference(comparison, title, users, difference);
    else more++;
  }
  if (more === 0) return;
  const message = `${title}: ${more} more mappings differ`;
  const text = `${more} more`;
  yield { kind: "mapping", object: title, field: "further mappings", a: text, b: text, message };
}

function mappingDifference(
  comparison: Comparison,
  object: string,
  users: readonly string[],
  { first, last, a, b }: MappingDifference,
): Difference {
  const range = `0x${first.toString(16)}..0x${last.toString(16)}`;
  const [inA, inB] = [mappingText(comparison.a, a, first), mappingText(comparison.b, b, first)];
  return {
    kind: "mapping",
    object,
    field: range,
    a: inA,
    b: inB,
    message: mappingMessage(
      users.length === 0 ? object : `${object} (${users.join(", ")})`,
      range,
      inA,
      inB,
    ),
  };
}

function mappingMessage(object: string, range: string, a: string | null, b: string | null): string {
  if (b === null) return `${object}: mapping missing in B at IOVA ${range} (${a})`;
  if (a === null) return `${object}: mapping only in B at IOVA ${range} (${b})`;
  return `${object}: mapping at IOVA ${range} is ${a} in A, ${b} in B`;
}

/** `memfd "ram" + 0x1000 rw`, as the mapping stands at `at`. */
function mappingText(
  view: Comparison["a"],
  run: MappingRun | undefined,
  at: bigint,
): string | null {
  if (run === undefined) return null;
  const offset = run.offset === undefined ? undefined : run.offset + (at - run.first);
  const place = offset === undefined ? "" : ` + 0x${offset.toString(16)}`;
  return `${titleOf(view, run.memory)}${place} ${run.rights}`;
}
