/** What things are called in differences: by the names that they keep across kernels. */

import type { StateObject } from "../state/state-value.js";
import { engineObject, type Side } from "./match-objects.js";
import { listOf, nameOf, type StateView, textOf } from "./state-view.js";

export function processTitle(process: StateObject): string {
  const what = textOf(process, "role") ?? textOf(process, "comm");
  return `process ${process["pid"]}${what === undefined ? "" : ` (${what})`}`;
}

/** The title of something that has a name in the document. */
export function titleOf(view: StateView, name: string): string {
  const entry = view.find(name);
  if (entry === undefined) return name;
  const lineage = view.lineageOf(name);
  if (name.startsWith("restored domain ")) return `restored domain ${lineage}`;
  if (lineage !== undefined) return lineage;
  if (name.startsWith("device ")) return `device ${textOf(entry, "title") ?? name}`;
  if (name.startsWith("file ")) return textOf(entry, "what") ?? textOf(entry, "path") ?? name;
  return name;
}

/** `vm7/iommufd#1/hwpt:token=0x4d@boot2`, `device 0000:3b:00.0 of vm7/iommufd#1`. */
export function objectTitle(side: Side, object: StateObject): string {
  const [view, context] = side;
  const device = textOf(object, "device");
  if (device !== undefined && object["type"] === "DEVICE") {
    return `device ${device} of ${titleOf(view, nameOf(context))}`;
  }
  const restored = textOf(object, "origin") === "restored" ? "restored HWPT " : "";
  return `${restored}${engineObject(side, object)?.describe()}`;
}

/** Devices that have a page table attached, by their addresses. */
export function attachedDevices(context: StateObject, hwpt: StateObject): string[] {
  return listOf(context, "objects")
    .filter((object) =>
      listOf(object, "attachments").some((attachment) => attachment["hwpt"] === hwpt["id"]),
    )
    .map((object) => textOf(object, "device") ?? `device ${object["id"]}`);
}

/** Devices that reach memory through an IOAS. */
export function devicesBehind(context: StateObject, ioas: StateObject): string[] {
  const tables = listOf(context, "objects").filter((object) => object["ioas"] === ioas["id"]);
  return [...new Set(tables.flatMap((table) => attachedDevices(context, table)))].sort();
}
