/** What things are called in differences: by what a user knows them by. */

import type { StateObject } from "../state/state-value.js";
import { listOf, type StateView, textOf } from "./state-view.js";

export function processTitle(process: StateObject): string {
  const what = textOf(process, "role") ?? textOf(process, "comm");
  return `process ${process["pid"]}${what === undefined ? "" : ` (${what})`}`;
}

/** The title of something that has a name in the document. */
export function titleOf(view: StateView, name: string): string {
  const entry = view.find(name);
  if (entry === undefined) return name;
  const title = textOf(entry, "title");
  if (name.startsWith("session ")) return `session "${title}"`;
  if (name.startsWith("memfd "))
    return title === "" ? `${name} (without a name)` : `memfd "${title}"`;
  if (name.startsWith("restored domain "))
    return `restored domain of token ${textOf(entry, "token")}`;
  if (name.startsWith("device ")) return `device ${title ?? name}`;
  if (name.startsWith("file ")) return textOf(entry, "what") ?? textOf(entry, "path") ?? name;
  return name;
}

/** `HWPT 3 of iommufd 1`. */
export function objectTitle(context: StateObject, object: StateObject): string {
  const type = SHORT_TYPES[textOf(object, "type") ?? ""] ?? textOf(object, "type");
  const device = textOf(object, "device");
  const restored = textOf(object, "origin") === "restored" ? "restored " : "";
  const what = device === undefined ? `${restored}${type} ${object["id"]}` : `device ${device}`;
  return `${what} of ${textOf(context, "name")}`;
}

const SHORT_TYPES: Readonly<Record<string, string>> = {
  HWPT_PAGING: "HWPT",
  HWPT_NESTED: "nested HWPT",
};

/** Devices that have a page table attached, by their addresses. */
export function attachedDevices(context: StateObject, hwpt: StateObject): string[] {
  return listOf(context, "objects")
    .filter((object) =>
      listOf(object, "attachments").some((attachment) => attachment["hwpt"] === hwpt["id"]),
    )
    .map((object) => textOf(object, "device") ?? `device ${object["id"]}`);
}
