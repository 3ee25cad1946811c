/** What the model believes about the things a call names: the lines behind a divergence. */

import type { Event, IoctlEvent } from "../engine/event/index.js";
import type { OpenFile } from "../engine/file/open-file.js";
import { IommufdContext } from "../engine/iommufd/context.js";
import type { Device } from "../engine/iommufd/device.js";
import type { HardwareDevice } from "../engine/iommufd/hardware-device.js";
import { isHwpt, pagingOf } from "../engine/iommufd/hwpt.js";
import { Ioas } from "../engine/iommufd/ioas.js";
import type { IommufdObject } from "../engine/iommufd/object.js";
import { LuoSession } from "../engine/liveupdate/session.js";
import type { Machine } from "../engine/machine.js";
import { Memfd } from "../engine/memory/memfd.js";
import { VfioDeviceFile } from "../engine/vfio/device-file.js";
import type { PciDevice } from "../engine/vfio/pci-device.js";
import { printable } from "../replay/printable.js";

const SHOWN = 4;
/** Fields that name objects of an iommufd beside those that end in `_id`. */
const ID_FIELDS: ReadonlySet<string> = new Set(["id", "iommufd"]);
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * The state after the call, where what the kernel answered was followed: the descriptor, the
 * objects that the ids name, and what lies in the range of IOVAs. Costs O(log n) in areas.
 */
export function stateThatMattered(event: Event, machine: Machine): string[] {
  if (event.type === "dma") return deviceLines(machine.devices.find(event.device), event.iova);
  const { pid, fd } = event as { pid?: number; fd?: number };
  const process = pid === undefined ? undefined : machine.processes.get(pid);
  if (process === undefined || fd === undefined || fd < 0) return [];
  const file = process.fds.get(fd);
  if (file === undefined) return [`fd ${fd}: nothing the model knows of`];
  const lines = [`fd ${fd}: ${fileText(file)}`];
  if (event.type !== "ioctl") return lines;
  const { object } = file;
  if (object instanceof VfioDeviceFile) lines.push(...deviceLines(object.device, undefined));
  const context =
    object instanceof IommufdContext
      ? object
      : object instanceof VfioDeviceFile
        ? object.device.bond?.object.context
        : undefined;
  if (context !== undefined) lines.push(...objectLines(event, context));
  return lines.map(printable);
}

function fileText({ object }: OpenFile): string {
  if (object instanceof Memfd) {
    const { size_bytes, seals, frozen } = object;
    const state = frozen ? ", preserved" : "";
    return `${object.describe()}, ${size_bytes} bytes, seals ${hex(seals)}${state}`;
  }
  if (object instanceof LuoSession) {
    const files = [...object.files.values()].slice(0, SHOWN);
    const tokens = files.map(({ token, state }) => `${hex(token)} ${state}`).join(", ");
    return `${object.describe()}, ${object.state}, ${object.files.size} files: ${tokens}`;
  }
  return object.describe();
}

function objectLines(event: IoctlEvent, context: IommufdContext): string[] {
  const fields = event.in ?? {};
  const lines: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const names = name.endsWith("_id") || ID_FIELDS.has(name);
    if (!names || name.startsWith("out_") || typeof value !== "number" || value <= 0) continue;
    const object = context.find(value);
    const text = object === undefined ? "no such object" : objectText(object);
    lines.push(`${name} ${value}: ${text}`);
    if (object instanceof Ioas) lines.push(...rangeLines(object, fields));
  }
  return lines;
}

function objectText(object: IommufdObject): string {
  const users = `${object.users} ${object.users === 1 ? "user" : "users"}`;
  if (object instanceof Ioas) {
    const domains = object.domains.map(({ id }) => id).join(", ") || "none";
    const frozen = object.frozen ? ", frozen by a preserved HWPT" : "";
    return `IOAS, ${users}, alignment ${hex(object.iova_alignment)}, domains ${domains}${frozen}`;
  }
  if (isHwpt(object)) {
    const paging = pagingOf(object);
    const kind = paging === object && paging.auto ? "automatic " : "";
    return `${kind}${object.type}, ${users}, IOAS ${paging.ioas.id}, flags ${hex(object.flags)}`;
  }
  if (object.type === "DEVICE") return `DEVICE, ${users}, ${attachedText(object as Device)}`;
  return `${object.type}, ${users}`;
}

/** What is mapped and reserved where the call looks. */
function rangeLines(ioas: Ioas, fields: NonNullable<IoctlEvent["in"]>): string[] {
  const iova = fields["iova"] ?? fields["dst_iova"];
  const { length } = fields;
  if (typeof iova !== "bigint") return [];
  const span = typeof length === "bigint" && length > 0n ? length : 1n;
  const last = iova + span - 1n > U64_MAX ? U64_MAX : iova + span - 1n;
  const areas: string[] = [];
  for (const area of ioas.areas.overlapping(iova, last)) {
    if (areas.length === SHOWN) {
      areas.push("…");
      break;
    }
    const held = area.accesses > 0 ? ` (${area.accesses} accesses)` : "";
    areas.push(`${hex(area.first)}..${hex(area.last)}${held}`);
  }
  const reserved = ioas.reserved.merged
    .filter((range) => range.first <= last && range.last >= iova)
    .slice(0, SHOWN)
    .map((range) => `${hex(range.first)}..${hex(range.last)}`);
  return [
    `  mapped in ${hex(iova)}..${hex(last)}: ${areas.join(", ") || "nothing"}`,
    ...(reserved.length === 0 ? [] : [`  reserved there: ${reserved.join(", ")}`]),
  ];
}

function deviceLines(device: PciDevice | undefined, iova: bigint | undefined): string[] {
  if (device === undefined) return [];
  const { bond, hardware } = device;
  const bound = bond === undefined ? "not bound" : `bound as id ${bond.object.id}`;
  const master = device.bus_master === undefined ? "unknown" : device.bus_master ? "on" : "off";
  const state = bond === undefined ? "" : `, ${attachedText(bond.object)}`;
  const lines = [`${device.name}: ${bound}${state}, bus master ${master}`];
  const ioas = iova === undefined ? undefined : ioasBehind(hardware);
  if (ioas !== undefined && iova !== undefined) lines.push(...rangeLines(ioas, { iova }));
  return lines.map(printable);
}

function attachedText({ group }: Device): string {
  const attached = [...group.attached].map(([pasid, { hwpt }]) =>
    pasid === 0 ? `HWPT ${hwpt.id}` : `PASID ${pasid} HWPT ${hwpt.id}`,
  );
  return attached.length === 0 ? "nothing attached" : `attached to ${attached.join(", ")}`;
}

function ioasBehind({ group }: HardwareDevice): Ioas | undefined {
  const hwpt = group.attached.get(0)?.hwpt;
  return hwpt === undefined ? undefined : pagingOf(hwpt).ioas;
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
