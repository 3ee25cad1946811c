/** Differences of kernels, memfds, devices and processes. */

import { stableLineageText } from "../../engine/lineage.js";
import type { LuoFile } from "../../engine/liveupdate/luo-file.js";
import { RestoredDomain } from "../../engine/liveupdate/restored-domain.js";
import { PciDevice } from "../../engine/vfio/pci-device.js";
import type { StateObject } from "../state/state-value.js";
import {
  type Comparison,
  type FieldWords,
  fieldDifferences,
  flagText,
  type Paired,
  pairedEntries,
  presence,
} from "./comparison.js";
import type { Difference } from "./difference.js";
import { holdersOf, processName } from "./match-processes.js";
import { isObject, listOf, nameOf, type StateView, valueText } from "./state-view.js";
import { processTitle, titleOf } from "./titles.js";

export function diffKernel(comparison: Comparison): Difference[] {
  const [a, b] = [comparison.a, comparison.b].map(({ state }) => state.document["kernel"]);
  if (!isObject(a) || !isObject(b)) return [];
  const found = fieldDifferences(
    comparison,
    "kernel",
    "the kernel",
    [a, b],
    [
      { field: "epoch", words: "its number is" },
      { field: "page_size", words: "page size" },
    ],
  );
  const [luoA, luoB] = [a["liveupdate"], b["liveupdate"]];
  if (!isObject(luoA) || !isObject(luoB)) return found;
  const live = fieldDifferences(
    comparison,
    "kernel",
    "live update",
    [luoA, luoB],
    [
      { field: "enabled", words: "enabled" },
      { field: "serialized", words: "serialized, about to jump" },
      { field: "device_open", words: "/dev/liveupdate open" },
      { field: "incoming_state", words: "what arrived is" },
    ],
  );
  return [...found, ...live];
}

const MEMFD_FIELDS: readonly FieldWords[] = [
  { field: "size_bytes", words: "size" },
  { field: "seals", words: "seals" },
  { field: "frozen", words: "frozen by live update" },
  { field: "links", words: "links" },
];
const CONTENTS: readonly FieldWords[] = [
  { field: "contents", words: "content differs, FNV-1a 64" },
  { field: "unknown", words: "bytes of unknown content" },
];
const TITLE: FieldWords = { field: "title", words: "is called" };

export function diffMemfds(comparison: Comparison): Difference[] {
  return diffSection(comparison, "memfds", "memfd", (a, b) => {
    const fields = [...MEMFD_FIELDS];
    // Files of different sizes never hold the same; a file that came back has no name.
    if (a["size_bytes"] === b["size_bytes"]) fields.push(...CONTENTS);
    if (a["title"] !== "" && b["title"] !== "") fields.unshift(TITLE);
    return fields;
  });
}

const DEVICE_FIELDS: readonly FieldWords[] = [
  { field: "open_count", words: "open descriptors" },
  { field: "bus_master", words: "bus mastering" },
  { field: "decoding", words: "memory decoding" },
  { field: "armed_irqs", words: "armed interrupts" },
  { field: "bound_through", words: "bound through" },
  { field: "restored_domain", words: "translated by" },
  { field: "preserved", words: "preserved", value: flagText },
  { field: "translation_lost", words: "translation lost", value: flagText },
];

export function diffDevices(comparison: Comparison): Difference[] {
  const found = diffSection(comparison, "devices", "device", () => DEVICE_FIELDS);
  return [...found, ...diffReserved(comparison)];
}

/** The iommufd that alone may have the device, by its lineage: its token is no part of it. */
function diffReserved(comparison: Comparison): Difference[] {
  const { a, b } = comparison;
  return pairedEntries(comparison, "devices").flatMap(([deviceA, deviceB]): Difference[] => {
    if (deviceA === undefined || deviceB === undefined) return [];
    const [inA, inB] = [reservedFor(a, deviceA), reservedFor(b, deviceB)];
    if (inA === inB) return [];
    const object = titleOf(a, nameOf(deviceA));
    const message = `${object}: reserved for ${inA ?? "nobody"} in A, ${inB ?? "nobody"} in B`;
    return [{ kind: "device", object, field: "reserved_for", a: inA, b: inB, message }];
  });
}

function reservedFor(view: StateView, device: StateObject): string | null {
  const thing = view.state.things.get(nameOf(device));
  if (!(thing instanceof PciDevice)) return null;
  const owner = thing.hardware.group.reserved_for;
  return owner === undefined ? null : ownerText(owner);
}

/** `vm7/iommufd`. */
function ownerText({ source }: LuoFile): string {
  const { lineage } = source.object;
  return lineage === undefined ? source.object.describe() : stableLineageText(lineage);
}

/** Domains that came from the kernel before: each should be gone in the end. */
export function diffRestoredDomains(comparison: Comparison): Difference[] {
  const fields = [{ field: "attached", words: "attached" }];
  const found = diffSection(comparison, "restored_domains", "restored_domain", () => fields);
  const owners = new Map([...ownersOf(comparison.a), ...ownersOf(comparison.b)]);
  return found.map((difference) => {
    if (difference.field !== "presence") return difference;
    return { ...difference, message: `${difference.message}, ${owners.get(difference.object)}` };
  });
}

/** Whose the domains are, and which devices they are for. */
function ownersOf(view: StateView): [title: string, owner: string][] {
  return view.entries("restored_domains").flatMap((domain) => {
    const thing = view.state.things.get(nameOf(domain));
    if (!(thing instanceof RestoredDomain)) return [];
    const owner = `owned by ${ownerText(thing.iommufd)}, for ${valueText(domain["devices"])}`;
    return [[titleOf(view, nameOf(domain)), owner]];
  });
}

function diffSection(
  comparison: Comparison,
  section: string,
  kind: Difference["kind"],
  fieldsOf: (a: StateObject, b: StateObject) => readonly FieldWords[],
): Difference[] {
  return pairedEntries(comparison, section).flatMap(([a, b]: Paired) => {
    if (a === undefined) return [presence(kind, titleOf(comparison.b, nameOf(b)), false)];
    const title = titleOf(comparison.a, nameOf(a));
    if (b === undefined) return [presence(kind, title, true)];
    return fieldDifferences(comparison, kind, title, [a, b], fieldsOf(a, b));
  });
}

/** Processes that only one state has, and things that a process holds open in one state only. */
export function diffProcesses(comparison: Comparison): Difference[] {
  const { a, b, pairs } = comparison;
  const found: Difference[] = [];
  const inB = new Map(
    listOf(b.state.document, "processes").map((process) => [processName(process), process]),
  );
  for (const process of listOf(a.state.document, "processes")) {
    const partner = pairs.ofA(processName(process));
    if (partner === undefined) found.push(presence("process", processTitle(process), true));
    else inB.delete(partner);
  }
  for (const process of inB.values()) found.push(presence("process", processTitle(process), false));
  return [...found, ...diffHolders(comparison)];
}

/** Who has a descriptor of what: it decides what a crash would close. */
function diffHolders({ a, b, pairs }: Comparison): Difference[] {
  const [holdersA, holdersB] = [holdersOf(a), holdersOf(b)];
  const found: Difference[] = [];
  for (const [thing, processes] of holdersA) {
    const partner = pairs.ofA(thing);
    // A thing that only one state has is reported as such.
    if (partner === undefined) continue;
    const others = holdersB.get(partner) ?? [];
    const onlyA = processes.filter((name) => isMissing(pairs.ofA(name), others));
    const onlyB = others.filter((name) => isMissing(pairs.ofB(name), processes));
    const object = titleOf(a, thing);
    for (const name of onlyA) found.push(heldBy(object, titleOfProcess(a, name), true));
    for (const name of onlyB) found.push(heldBy(object, titleOfProcess(b, name), false));
  }
  for (const [thing, processes] of holdersB) {
    const partner = pairs.ofB(thing);
    if (partner === undefined || holdersA.has(partner)) continue;
    const known = processes.filter((name) => pairs.ofB(name) !== undefined);
    for (const name of known) {
      found.push(heldBy(titleOf(b, thing), titleOfProcess(b, name), false));
    }
  }
  return found;
}

function titleOfProcess(view: StateView, name: string): string {
  const processes = listOf(view.state.document, "processes");
  const process = processes.find((one) => processName(one) === name);
  return process === undefined ? name : processTitle(process);
}

/** The process has a partner, and the partner does not hold the thing. */
function isMissing(partner: string | undefined, holders: readonly string[]): boolean {
  return partner !== undefined && !holders.includes(partner);
}

function heldBy(object: string, process: string, inA: boolean): Difference {
  return {
    kind: "process",
    object,
    field: "held_by",
    a: inA ? process : null,
    b: inA ? null : process,
    message: `${object} is held open by ${process} only in ${inA ? "A" : "B"}`,
  };
}
