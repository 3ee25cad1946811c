/** What an event of a clean trace is about, in the words of the field, for whoever selects it. */

import type { Event } from "../../src/engine/event/index.js";
import type { FileKind } from "../../src/engine/file/file-object.js";
import type { Machine } from "../../src/engine/machine.js";
import type { ProcessRole } from "../../src/engine/process/process.js";

export interface Moment {
  readonly index: number;
  readonly event: Event;
  /** Number of the kernel, from 1. */
  readonly epoch: number;
  readonly role: ProcessRole | undefined;
  /**
   * What the call is about: the file it preserves, retrieves, maps or closes, or the object it
   * names: a HWPT from the kernel before is `restored`.
   */
  readonly about: FileKind | "ioas" | "hwpt" | "restored" | "other_object" | undefined;
  /** The device that a call attaches translates through a restored domain. */
  readonly replaces: boolean;
  /** Some session of this kernel holds files. */
  readonly preserved: boolean;
  /** A session that arrived is not finished. */
  readonly unfinished: boolean;
}

/** The moment before an event. */
export function momentOf(machine: Machine, event: Event, index: number): Moment {
  const { epoch, liveUpdate } = machine;
  const process = event.pid === undefined ? undefined : machine.processes.get(event.pid);
  return {
    ...{ index, event, epoch, role: process?.role },
    about: aboutOf(machine, event),
    replaces: replaces(machine, event),
    preserved: [...liveUpdate.outgoing.values()].some(({ files }) => files.size > 0),
    unfinished: [...liveUpdate.incoming.values()].some(
      ({ state, files }) => state !== "gone" && state !== "in_empty" && files.size > 0,
    ),
  };
}

function aboutOf(machine: Machine, event: Event): Moment["about"] {
  const file = (fd: unknown) => machine.processes.get(event.pid ?? -1)?.fds.get(Number(fd))?.object;
  if (event.type !== "ioctl") return "fd" in event ? file(event.fd)?.kind : undefined;
  const args = event.in ?? {};
  switch (event.op) {
    case "LIVEUPDATE_SESSION_PRESERVE_FD":
    case "IOMMU_IOAS_MAP_FILE":
      return file(args["fd"])?.kind;
    case "LIVEUPDATE_SESSION_RETRIEVE_FD": {
      const session = file(event.fd) as { files?: ReadonlyMap<bigint, Stored> } | undefined;
      return session?.files?.get(BigInt(Number(args["token"])))?.source.object.kind;
    }
    case "IOMMU_DESTROY": {
      const context = file(event.fd) as { find?: (id: number) => Named | undefined } | undefined;
      return objectKind(context?.find?.(Number(args["id"])));
    }
    default:
      return file(event.fd)?.kind;
  }
}

interface Stored {
  readonly source: { readonly object: { readonly kind: FileKind } };
}

interface Named {
  readonly type: string;
  readonly origin?: string;
}

function objectKind(object: Named | undefined): Moment["about"] {
  if (object === undefined) return undefined;
  if (object.origin === "restored") return "restored";
  if (object.type === "IOAS") return "ioas";
  return object.type.startsWith("HWPT") ? "hwpt" : "other_object";
}

function replaces(machine: Machine, event: Event): boolean {
  if (event.type !== "ioctl" || event.op !== "VFIO_DEVICE_ATTACH_IOMMUFD_PT") return false;
  const object = machine.processes.get(event.pid)?.fds.get(event.fd)?.object;
  const device = machine.devices.entries().find((one) => one === deviceOf(object));
  const group = device?.hardware.group;
  return (
    group?.restored !== undefined ||
    objectKind(group?.attached.get(0)?.hwpt as Named) === "restored"
  );
}

function deviceOf(object: object | undefined): unknown {
  return (object as { device?: unknown } | undefined)?.device;
}
