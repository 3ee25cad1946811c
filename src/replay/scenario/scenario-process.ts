/** A process of a scenario: its calls, by the names its programmer knows. */

import type { StructValues } from "../../engine/abi/layout.js";
import type { ProcessRole } from "../../engine/process/process.js";
import type { Ending, Scenario } from "./scenario.js";

const O_RDWR_CLOEXEC = 0o2000002;
const MFD_ALLOW_SEALING = 2;
const F_SEAL_SEAL_SHRINK_GROW = 0x7;
const FALLOC_FL_PUNCH_HOLE = 0x3;
const SIGKILL = 9;
const MAP_FIXED_READ_WRITE = 0x7;
const NAME_BYTES = 64;

/** Where and what a file is mapped for devices. */
export interface FileMapping {
  readonly ioas: number;
  readonly memfd: number;
  readonly iova: bigint;
  readonly length_bytes: bigint;
  /** Offset in the file, in bytes. */
  readonly start?: bigint;
}

export class ScenarioProcess {
  /** The process' end of the socket pair to its parent, if it has one. */
  socket: number | undefined;

  constructor(
    readonly scenario: Scenario,
    readonly pid: number,
    readonly role: ProcessRole,
  ) {}

  open(path: string, ending?: Ending): number {
    const event = { type: "open", pid: this.pid, path, flags: O_RDWR_CLOEXEC } as const;
    return Number(this.scenario.call(event, ending).outcome.ret);
  }

  close(fd: number): void {
    this.scenario.call({ type: "close", pid: this.pid, fd });
  }

  exit(): void {
    this.scenario.add({ type: "exit", pid: this.pid, code: 0 });
  }

  /** The process dies where it stands. */
  crash(): void {
    this.scenario.add({ type: "exit", pid: this.pid, signal: SIGKILL });
  }

  /** Forks a child that runs another program and can be handed descriptors. */
  spawn(role: ProcessRole): ScenarioProcess {
    const { pid, scenario } = this;
    const child = new ScenarioProcess(scenario, scenario.newPid(), role);
    const fds = scenario.machine.process(pid).fds;
    const mine = fds.lowestFree(FIRST_SOCKET);
    const theirs = fds.lowestFree(mine + 1);
    scenario.add({ type: "new_fds", pid, what: "socketpair", fds: [mine, theirs], ret: 0 });
    scenario.add({ type: "fork", pid, child: child.pid, ret: child.pid });
    scenario.add({ type: "process_start", pid: child.pid, role, uid: 0 });
    scenario.call({ type: "close", pid, fd: theirs });
    scenario.call({ type: "close", pid: child.pid, fd: mine });
    this.#sockets.set(child, mine);
    child.socket = theirs;
    return child;
  }

  readonly #sockets = new Map<ScenarioProcess, number>();

  /** Hands a descriptor to a child that this process spawned; gives the child's number. */
  pass(fd: number, child: ScenarioProcess): number {
    const socket = this.#sockets.get(child) ?? -1;
    const { scenario, pid } = this;
    scenario.add({ type: "send_fds", pid, socket, fds: [fd], ret: 1 });
    const received = scenario.machine.process(child.pid).fds.lowestFree(FIRST_FD);
    const fds = [received];
    scenario.add({ type: "receive_fds", pid: child.pid, socket: child.socket ?? -1, fds, ret: 1 });
    return received;
  }

  /** An ioctl; gives the struct's fields after the call. */
  ioctl(fd: number, op: string, args: StructValues = {}, ending?: Ending): StructValues {
    const event = { type: "ioctl", pid: this.pid, fd, op, in: args } as const;
    const step = this.scenario.call(event, ending);
    return { ...args, ...step.outcome.out };
  }

  /** A memfd, sealed so that its size cannot change: what a VMM uses for guest memory. */
  sealedMemfd(name: string, length_bytes: bigint): number {
    const { pid, scenario } = this;
    const created = { type: "memfd_create", pid, name, flags: MFD_ALLOW_SEALING } as const;
    const fd = Number(scenario.call(created).outcome.ret);
    scenario.call({ type: "ftruncate", pid, fd, length: length_bytes });
    scenario.call({ type: "fcntl", pid, fd, cmd: "F_ADD_SEALS", arg: F_SEAL_SEAL_SHRINK_GROW });
    return fd;
  }

  punchHole(fd: number, offset: bigint, length: bigint, ending?: Ending): void {
    const mode = FALLOC_FL_PUNCH_HOLE;
    this.scenario.call({ type: "fallocate", pid: this.pid, fd, mode, offset, length }, ending);
  }

  allocIoas(iommufd: number): number {
    return Number(this.ioctl(iommufd, "IOMMU_IOAS_ALLOC")["out_ioas_id"]);
  }

  mapFile(iommufd: number, mapping: FileMapping, ending?: Ending): void {
    const { ioas, memfd, iova, length_bytes, start = 0n } = mapping;
    this.ioctl(
      iommufd,
      "IOMMU_IOAS_MAP_FILE",
      {
        flags: MAP_FIXED_READ_WRITE,
        ioas_id: ioas,
        fd: memfd,
        start,
        length: length_bytes,
        iova,
      },
      ending,
    );
  }

  unmap(iommufd: number, ioas_id: number, iova: bigint, length: bigint, ending?: Ending): void {
    this.ioctl(iommufd, "IOMMU_IOAS_UNMAP", { ioas_id, iova, length }, ending);
  }

  allocHwpt(iommufd: number, dev_id: number, pt_id: number): number {
    return Number(this.ioctl(iommufd, "IOMMU_HWPT_ALLOC", { dev_id, pt_id })["out_hwpt_id"]);
  }

  destroy(iommufd: number, id: number, ending?: Ending): void {
    this.ioctl(iommufd, "IOMMU_DESTROY", { id }, ending);
  }

  /** Binds a device; gives its id in the iommufd. */
  bind(cdev: number, iommufd: number, ending?: Ending): number {
    return Number(this.ioctl(cdev, "VFIO_DEVICE_BIND_IOMMUFD", { iommufd }, ending)["out_devid"]);
  }

  attach(cdev: number, pt_id: number, ending?: Ending): void {
    this.ioctl(cdev, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", { pt_id }, ending);
  }

  detach(cdev: number, ending?: Ending): void {
    this.ioctl(cdev, "VFIO_DEVICE_DETACH_IOMMUFD_PT", {}, ending);
  }

  mark(iommufd: number, hwpt_id: number, hwpt_token: bigint, ending?: Ending): void {
    const op = "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE";
    this.ioctl(iommufd, op, { hwpt_id, hwpt_token }, ending);
  }

  /** Asks for the HWPT that a token's restored domain became; gives its id. */
  restoreHwpt(iommufd: number, hwpt_token: number, ending?: Ending): number {
    return Number(this.ioctl(iommufd, "IOMMU_HWPT_LU_RESTORE", { hwpt_token }, ending)["pt_id"]);
  }

  createSession(luo: number, name: string, ending?: Ending): number {
    const args = { fd: -1, name: name.padEnd(NAME_BYTES, "\0") };
    return Number(this.ioctl(luo, "LIVEUPDATE_IOCTL_CREATE_SESSION", args, ending)["fd"]);
  }

  retrieveSession(luo: number, name: string, ending?: Ending): number {
    const args = { fd: -1, name: name.padEnd(NAME_BYTES, "\0") };
    return Number(this.ioctl(luo, "LIVEUPDATE_IOCTL_RETRIEVE_SESSION", args, ending)["fd"]);
  }

  preserve(session: number, fd: number, token: bigint, ending?: Ending): void {
    this.ioctl(session, "LIVEUPDATE_SESSION_PRESERVE_FD", { fd, token }, ending);
  }

  retrieve(session: number, token: bigint, ending?: Ending): number {
    const args = { fd: -1, token };
    return Number(this.ioctl(session, "LIVEUPDATE_SESSION_RETRIEVE_FD", args, ending)["fd"]);
  }

  finish(session: number, ending?: Ending): void {
    this.ioctl(session, "LIVEUPDATE_SESSION_FINISH", {}, ending);
  }
}

/** Descriptors 0 to 2 are taken in every process. */
const FIRST_FD = 3;
/** Socket pairs lie high, so that the numbers of the story's own descriptors stay small. */
const FIRST_SOCKET = 60;
