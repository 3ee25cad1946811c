/** From an event to the objects it is about. */

import type { IoctlEvent } from "../engine/event/index.js";
import type { FileKind } from "../engine/file/file-object.js";
import type { OpenFile } from "../engine/file/open-file.js";
import type { IommufdContext } from "../engine/iommufd/context.js";
import { stableLineageText } from "../engine/lineage.js";
import type { LuoFile } from "../engine/liveupdate/luo-file.js";
import type { LuoSession } from "../engine/liveupdate/session.js";
import type { Memfd } from "../engine/memory/memfd.js";
import type { Process } from "../engine/process/process.js";
import type { VfioDeviceFile } from "../engine/vfio/device-file.js";
import type { PciDevice } from "../engine/vfio/pci-device.js";
import { livedText, type ObjectName, plainName, printable } from "./names.js";
import type { MachineView, StepView, View } from "./view.js";

export type ContextView = View<IommufdContext>;
export type FileView = View<OpenFile>;
export type LuoFileView = View<LuoFile>;
export type MemfdView = View<Memfd>;
export type PciDeviceView = View<PciDevice>;
export type ProcessView = View<Process>;
export type SessionView = View<LuoSession>;

/** What stands behind each kind of open file, as far as rules look into it. */
interface ObjectsByKind {
  iommufd: IommufdContext;
  vfio_device: VfioDeviceFile;
  luo_session: LuoSession;
  memfd: Memfd;
}

/** The object behind an open file when it is of this kind. */
export function objectOf<K extends FileKind & keyof ObjectsByKind>(
  file: FileView | undefined,
  kind: K,
): View<ObjectsByKind[K]> | undefined {
  if (file?.object.kind !== kind) return undefined;
  return file.object as unknown as View<ObjectsByKind[K]>;
}

export function fileAt(view: MachineView, pid: number, fd: number): FileView | undefined {
  return view.processes.get(pid)?.fds.get(fd);
}

/** The session an ioctl is made on. */
export function sessionAt(view: MachineView, event: IoctlEvent): SessionView | undefined {
  return objectOf(fileAt(view, event.pid, event.fd), "luo_session");
}

/** The iommufd an ioctl is about: its own, or the one its VFIO device is bound to. */
export function contextAt(view: MachineView, event: IoctlEvent): ContextView | undefined {
  const file = fileAt(view, event.pid, event.fd);
  return objectOf(file, "iommufd") ?? objectOf(file, "vfio_device")?.device.bond?.object.context;
}

/** The VFIO device an ioctl is made on. */
export function deviceAt(view: MachineView, event: IoctlEvent): PciDeviceView | undefined {
  return objectOf(fileAt(view, event.pid, event.fd), "vfio_device")?.device;
}

/** The PCI device behind what the IOMMU sees. */
export function pciOf(view: MachineView, hardware: object): PciDeviceView | undefined {
  return view.devices.entries().find((device) => device.hardware === hardware);
}

/** The memfd a call is made on. */
export function memfdAt(
  view: MachineView,
  event: { readonly pid: number; readonly fd: number },
): MemfdView | undefined {
  return objectOf(fileAt(view, event.pid, event.fd), "memfd");
}

/** Text of a byte array field, up to its NUL; undefined when the struct was not readable. */
export function textField(event: IoctlEvent, field: string): string | undefined {
  const value = event.in?.[field];
  return typeof value === "string" ? (value.split("\0", 1)[0] ?? "") : undefined;
}

/** A u64 field of the struct as the caller gave it; absent ones are zero. */
export function u64Field(event: IoctlEvent, field: string): bigint {
  const value = event.in?.[field];
  return typeof value === "bigint" ? value : BigInt(typeof value === "number" ? value : 0);
}

export function numberField(event: IoctlEvent, field: string): number {
  const value = event.in?.[field];
  return typeof value === "number" ? value : 0;
}

/** The record of a file that is preserved now, or retrieved and not finished. */
export function luoFileOf(view: MachineView, file: FileView | undefined): LuoFileView | undefined {
  if (file === undefined) return undefined;
  const { preserved } = view.liveUpdate;
  return preserved.get(file.object) ?? preserved.get(file);
}

/** The record of a memfd that an open session of this kernel preserves. */
export function preservedMemfd(view: MachineView, memfd: MemfdView): LuoFileView | undefined {
  const luoFile = view.liveUpdate.preserved.get(memfd);
  return luoFile?.session.isOutgoing === true ? luoFile : undefined;
}

/** What a file is, for messages. */
export function fileText(file: FileView | undefined): string {
  return file === undefined ? "an unknown file" : fileName(file).shown;
}

/** The name of what an open file is; the key is that of the open file. */
export function fileName(file: FileView): ObjectName {
  const { object, serial } = file;
  const key = `file:${serial}`;
  const device = objectOf(file, "vfio_device")?.device;
  const { lineage, epoch } = object as typeof object & { readonly epoch?: number };
  if (lineage === undefined || epoch === undefined)
    return { ...plainName("", object.describe()), key };
  const named = device === undefined ? lineage : { ...lineage, name: device.name };
  const stable = stableLineageText(named, printable);
  return { shown: livedText({ lineage: named, epoch }), stable, key };
}

/** The process whose call, or whose end, made this step. */
export function actorOf(step: StepView, view: MachineView): ProcessView | undefined {
  for (const transition of step.transitions) {
    if (transition.kind === "process_exited") return transition.process;
  }
  const { pid } = step.event;
  return pid === undefined ? undefined : view.processes.get(pid);
}

/** Tokens for a message, at most a handful: `token 0x1`, `tokens 0x1, 0x2`. */
export function tokensText(tokens: readonly bigint[]): string {
  const shown = tokens.slice(0, TOKENS_SHOWN).map((token) => `0x${token.toString(16)}`);
  const more = tokens.length - shown.length;
  const text = shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
  return tokens.length === 1 ? `token ${text}` : `tokens ${text}`;
}

const TOKENS_SHOWN = 6;
