/**
 * An event with its numbers replaced by what they stand for, in the machine it is about to be
 * applied to: descriptors by open files, pids by processes, ids by objects. So events of two traces
 * can be held against each other at any later time.
 */

import type { Event } from "../../engine/event/index.js";
import type { OpenFile } from "../../engine/file/open-file.js";
import { IommufdContext } from "../../engine/iommufd/context.js";
import { LuoSession } from "../../engine/liveupdate/session.js";
import type { Machine } from "../../engine/machine.js";
import { VfioDeviceFile } from "../../engine/vfio/device-file.js";
import { eventRole, type FieldRole, structRole } from "./field-roles.js";

/** What a field stands for. */
export type Resolved =
  | { readonly is: "value"; readonly value: unknown }
  /** `sort` tells kinds of things apart; undefined with it: the number names nothing. */
  | { readonly is: "thing"; readonly thing: object | undefined; readonly sort: string }
  | { readonly is: "things"; readonly things: readonly Resolved[] }
  /** A place in memory: a thing and an offset in it. */
  | { readonly is: "place"; readonly thing: object | undefined; readonly offset: bigint }
  /** `defines`: the call gives a page table this token, so that any will do. */
  | { readonly is: "hwpt_token"; readonly token: bigint; readonly defines: boolean };

export type ResolvedFields = ReadonlyMap<string, Resolved>;

export interface ResolvedEvent {
  readonly event: Event;
  /** Its type, or the operation of an ioctl. */
  readonly name: string;
  /** The process that makes the call, where it is known already. */
  readonly process: object | undefined;
  readonly fields: ResolvedFields;
}

/** Marks of page tables: their token is new, not one that was given before. */
export const MARKS: ReadonlySet<string> = new Set([
  "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE",
  "IOMMU_HWPT_LU_SET_PRESERVE",
  "IOMMU_HWPT_LU_SET_PRESERVED",
]);
const MAP_FIXED = 0x10;
/** Buffers whose bytes hold descriptors. */
const BUFFERS_OF_FDS: ReadonlySet<string> = new Set(["VFIO_DEVICE_SET_IRQS"]);

export function resolveEvent(machine: Machine, event: Event): ResolvedEvent {
  const { pid, fd } = event as { pid?: number; fd?: number };
  const process = pid === undefined ? undefined : machine.processes.get(pid);
  const resolver = new Resolver(machine, process?.fds.get(fd ?? -1)?.object, event);
  const fields = new Map<string, Resolved>();
  for (const [key, value] of Object.entries(event)) {
    if (value !== undefined) resolver.add(fields, key, eventRole(event.type, key), value);
  }
  // The kernel takes an address without MAP_FIXED as a wish.
  if (event.type === "mmap" && (event.flags & MAP_FIXED) === 0) fields.delete("addr");
  const isIoctl = event.type === "ioctl";
  if (isIoctl) addStruct(fields, event, resolver);
  return { event, name: isIoctl ? event.op : event.type, process, fields };
}

function addStruct(
  fields: Map<string, Resolved>,
  event: Event & { readonly type: "ioctl" },
  resolver: Resolver,
): void {
  if (event.in === undefined) fields.set("arg", { is: "value", value: event.arg });
  if (event.in === null) fields.set("in", { is: "value", value: null });
  for (const [key, value] of Object.entries(event.in ?? {})) {
    resolver.add(fields, `in.${key}`, structRole(key), value);
  }
  if (event.mem === undefined) return;
  const { length_bytes } = event.mem;
  const bytes = BUFFERS_OF_FDS.has(event.op) ? undefined : event.mem.in;
  fields.set("mem", { is: "value", value: { length_bytes, bytes } });
}

class Resolver {
  constructor(
    private readonly machine: Machine,
    /** What the descriptor of the call is. */
    private readonly object: object | undefined,
    private readonly event: Event,
  ) {}

  add(fields: Map<string, Resolved>, key: string, role: FieldRole, value: unknown): void {
    if (role !== "ignored") fields.set(key, this.resolve(role, value));
  }

  private resolve(role: FieldRole, value: unknown): Resolved {
    switch (role) {
      case "pid":
        return thing(this.machine.processes.get(Number(value)), "process");
      case "fd":
        return this.file(Number(value));
      case "fds":
        return { is: "things", things: (value as number[]).map((fd) => this.file(fd)) };
      case "id":
        return this.iommufdObject(Number(value));
      case "token":
        return thing(this.luoFile(BigInt(value as bigint)), "token");
      case "hwpt_token": {
        const { event } = this;
        const defines = event.type === "ioctl" && MARKS.has(event.op);
        return { is: "hwpt_token", token: BigInt(value as bigint), defines };
      }
      case "address":
        return this.place(value);
      case "path":
        return { is: "value", value: pathText(this.machine, String(value)) };
      default:
        return { is: "value", value };
    }
  }

  private get process() {
    const { pid } = this.event;
    return pid === undefined ? undefined : this.machine.processes.get(pid);
  }

  private file(fd: number): Resolved {
    const file: OpenFile | undefined = this.process?.fds.get(fd);
    return thing(file, file === undefined ? "no file" : file.object.kind);
  }

  /** Ids that name nothing are as good as each other; 0 is not an id. */
  private iommufdObject(id: number): Resolved {
    const { object } = this;
    const bond = object instanceof VfioDeviceFile ? object.device.bond : undefined;
    const context = object instanceof IommufdContext ? object : bond?.object.context;
    const found = context?.find(id);
    return thing(found, found?.type ?? (id === 0 ? "no id" : "no object"));
  }

  private luoFile(token: bigint): object | undefined {
    return this.object instanceof LuoSession ? this.object.files.get(token) : undefined;
  }

  /** Addresses of which nothing is recorded stand for nothing. */
  private place(address: unknown): Resolved {
    const [found] =
      typeof address === "bigint" ? (this.process?.mm.vmasIn(address, address) ?? []) : [];
    if (found === undefined) return { is: "place", thing: undefined, offset: 0n };
    const offset = found.vma.offset + (BigInt(address as bigint) - found.first);
    return { is: "place", thing: found.vma.object, offset };
  }
}

function thing(found: object | undefined, sort: string): Resolved {
  return { is: "thing", thing: found, sort };
}

/** Device nodes and /proc entries are numbered; what counts is what they lead to. */
function pathText(machine: Machine, path: string): string {
  const [, node] = /^\/dev\/vfio\/devices\/(.*)$/.exec(path) ?? [];
  if (node !== undefined) {
    const device = machine.devices.entries().find(({ cdev }) => cdev === node);
    return `cdev of ${device?.bdf ?? node}`;
  }
  const [, group] = /^\/dev\/vfio\/(\d+)$/.exec(path) ?? [];
  if (group !== undefined) {
    const device = machine.devices
      .entries()
      .find(({ group_number }) => group_number === Number(group));
    return `group of ${device?.bdf ?? group}`;
  }
  return path.replace(/^\/proc\/\d+\/fd\/\d+$/, "/proc/<pid>/fd/<n>");
}
