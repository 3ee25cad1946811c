/** Who holds what at one moment of a telling, for calls that a mutation puts in. */

import type { StructValues } from "../../src/engine/abi/layout.js";
import type { Errno } from "../../src/engine/errno.js";
import type { FileKind, FileObject } from "../../src/engine/file/file-object.js";
import type { IommufdContext } from "../../src/engine/iommufd/context.js";
import type { LuoSession } from "../../src/engine/liveupdate/session.js";
import type { Step } from "../../src/engine/machine.js";
import type { ProcessRole } from "../../src/engine/process/process.js";
import type { VfioDeviceFile } from "../../src/engine/vfio/device-file.js";
import type { NewEvent, Telling } from "./retell.js";

/** A descriptor of a process. */
export interface Held {
  readonly pid: number;
  readonly fd: number;
}

/** What the kernel answers; without it the model does. */
export type Answer = "ok" | Errno;

const O_RDWR_CLOEXEC = 0o2000002;
const MAP_FIXED_READ_WRITE = 0x7;
export const MIB = 0x10_0000n;
/** An IOVA that no trace maps. */
export const FREE_IOVA = 0x80_0000_0000n;

export class Scene {
  constructor(readonly telling: Telling) {}

  get machine() {
    return this.telling.machine;
  }

  add(event: NewEvent): Step {
    return this.telling.add(event);
  }

  /** The first process with this role. */
  pidOf(role: ProcessRole): number {
    for (const process of this.machine.processes.values()) {
      if (process.role === role) return process.pid;
    }
    throw new NotHere(`no process with role ${role}`);
  }

  /** The first descriptor for such a file, of that process where one is given. */
  held(kind: FileKind, fits: (object: FileObject) => boolean = () => true): Held {
    for (const process of this.machine.processes.values()) {
      for (const [fd, { file }] of process.fds.entries()) {
        if (file.object.kind === kind && fits(file.object)) return { pid: process.pid, fd };
      }
    }
    throw new NotHere(`nobody holds a ${kind}`);
  }

  object({ pid, fd }: Held): FileObject {
    const object = this.machine.processes.get(pid)?.fds.get(fd)?.object;
    if (object === undefined) throw new NotHere(`descriptor ${fd} of process ${pid} is closed`);
    return object;
  }

  /** A descriptor of this process for such a file, or for the very file that is given. */
  heldBy(pid: number, kind: FileKind, same?: Held): Held {
    const wanted = same === undefined ? undefined : this.object(same);
    for (const [fd, { file }] of this.machine.processes.get(pid)?.fds.entries() ?? []) {
      if (file.object.kind !== kind) continue;
      if (wanted === undefined || wanted === file.object) return { pid, fd };
    }
    throw new NotHere(`process ${pid} holds no ${kind}`);
  }

  session(): Held {
    const live = (object: FileObject) => (object as LuoSession).files.size > 0;
    return this.held("luo_session", live);
  }

  iommufd(): Held {
    return this.held("iommufd", (object) => [...contextOf(object).objects()].length > 0);
  }

  /** Ids of the iommufd's objects of this type, ascending. */
  ids(type: string, restored = false): number[] {
    const context = contextOf(this.object(this.iommufd()));
    return [...context.objects()]
      .filter((object) => object.type === type)
      .filter((object) => ((object as { origin?: string }).origin === "restored") === restored)
      .map(({ id }) => id);
  }

  id(type: string, restored = false): number {
    const [id] = this.ids(type, restored);
    if (id === undefined) throw new NotHere(`no ${restored ? "restored " : ""}${type}`);
    return id;
  }

  /** PCI address of the first device that is bound. */
  device(): string {
    const { device } = this.object(this.held("vfio_device")) as VfioDeviceFile;
    return device.name;
  }

  /** PCI address of any device of the machine. */
  anyDevice(): string {
    const [device] = this.machine.devices.entries();
    if (device === undefined) throw new NotHere("the machine has no device");
    return device.name;
  }

  ioctl({ pid, fd }: Held, op: string, args: StructValues = {}, answer?: Answer): StructValues {
    const call = { type: "ioctl", pid, fd, op, in: args } as const;
    const step = this.add({ ...call, ...answered(answer) } as NewEvent);
    return { ...args, ...step.outcome.out };
  }

  open(pid: number, path: string, answer?: Answer): Held {
    const event = { type: "open", pid, path, flags: O_RDWR_CLOEXEC } as const;
    const step = this.add({ ...event, ...answered(answer) } as NewEvent);
    return { pid, fd: Number(step.outcome.ret) };
  }

  close({ pid, fd }: Held): void {
    this.add({ type: "close", pid, fd } as NewEvent);
  }

  /** Closes every descriptor for the file behind this one. */
  closeEverywhere(one: Held): void {
    const file = this.machine.processes.get(one.pid)?.fds.get(one.fd);
    for (const process of [...this.machine.processes.values()]) {
      for (const [fd, entry] of process.fds.entries()) {
        if (entry.file === file) this.close({ pid: process.pid, fd });
      }
    }
  }

  memfd(pid: number, name: string, length = MIB): Held {
    const created = { type: "memfd_create", pid, name, flags: 2 } as const;
    const fd = Number(this.add(created as NewEvent).outcome.ret);
    this.add({ type: "ftruncate", pid, fd, length } as NewEvent);
    return { pid, fd };
  }

  /** Maps a file of the iommufd's owner into an IOAS. */
  mapFile(iommufd: Held, ioas_id: number, fd: number, iova = FREE_IOVA, answer?: Answer): void {
    const place = { start: 0n, length: MIB, iova };
    const args = { flags: MAP_FIXED_READ_WRITE, ioas_id, fd, ...place };
    this.ioctl(iommufd, "IOMMU_IOAS_MAP_FILE", args, answer);
  }

  /** A new process that was forked from nobody. */
  start(role: ProcessRole): number {
    const pid = NEW_PID;
    this.add({ type: "process_start", pid, role, uid: 0 } as NewEvent);
    return pid;
  }

  /** A child of `parent` with that role; it gets a descriptor for the same file. */
  spawnWith(parent: number, role: ProcessRole, given: Held): Held {
    const child = NEW_PID + 1;
    const table = this.machine.process(parent).fds;
    const mine = table.lowestFree(70);
    const socket = table.lowestFree(mine + 1);
    const fds = [mine, socket];
    this.add({ type: "new_fds", pid: parent, what: "socketpair", fds, ret: 0 } as NewEvent);
    this.add({ type: "fork", pid: parent, child, ret: child } as NewEvent);
    this.add({ type: "process_start", pid: child, role, uid: 0 } as NewEvent);
    for (const [fd] of this.machine.process(child).fds.entries()) {
      if (fd > 2 && fd !== socket) this.close({ pid: child, fd });
    }
    this.add({ type: "send_fds", pid: parent, socket: mine, fds: [given.fd], ret: 1 } as NewEvent);
    const fd = this.machine.process(child).fds.lowestFree(3);
    this.add({ type: "receive_fds", pid: child, socket, fds: [fd], ret: 1 } as NewEvent);
    return { pid: child, fd };
  }

  /** A new session of the manager. */
  createSession(name: string): Held {
    const luo = this.held("luo_device");
    const args = { fd: -1, name: name.padEnd(64, "\0") };
    const { fd } = this.ioctl(luo, "LIVEUPDATE_IOCTL_CREATE_SESSION", args);
    return { pid: luo.pid, fd: Number(fd) };
  }

  /** Hands a descriptor to another process through the socket pair that they have. */
  pass(given: Held, pid: number): Held {
    if (given.pid === pid) return given;
    const mine = this.heldBy(given.pid, "socket").fd;
    const theirs = this.heldBy(pid, "socket").fd;
    const fds = [given.fd];
    this.add({ type: "send_fds", pid: given.pid, socket: mine, fds, ret: 1 } as NewEvent);
    const fd = this.machine.process(pid).fds.lowestFree(3);
    this.add({ type: "receive_fds", pid, socket: theirs, fds: [fd], ret: 1 } as NewEvent);
    return { pid, fd };
  }

  /** One page written by a device. */
  dma(device: string, iova: bigint, observed?: "ok" | "fault"): void {
    const transfer = { type: "dma", device, iova, length_bytes: 4096, direction: "write" } as const;
    const event = { ...transfer, observed: observed ?? "unknown" };
    this.telling.add(event as NewEvent, observed !== undefined);
  }
}

const NEW_PID = 900;

/** The trace has nothing at this place that the mutation could be made with. */
export class NotHere extends Error {
  override readonly name = "NotHere";
}

function contextOf(object: FileObject): IommufdContext {
  return object as IommufdContext;
}

/** The result fields of an event. */
export function answered(answer: Answer | undefined): object {
  if (answer === undefined) return {};
  return answer === "ok" ? { ret: 0 } : { ret: -1, errno: answer };
}
