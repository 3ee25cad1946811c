/** A random walk over everything that live update of iommufds and devices knows. */

import type { StructValues } from "../../../src/engine/abi/layout.js";
import type { Event } from "../../../src/engine/event/index.js";
import type { FileKind } from "../../../src/engine/file/file-object.js";
import type { Machine } from "../../../src/engine/machine.js";
import { HWPT_TOKEN, NIC, type Vm } from "../../../src/replay/scenario/blocks.js";
import { OTHER, SIBLING } from "./world.js";

const CARDS = [NIC, SIBLING, OTHER];
const NAMES = ["vm1", "b"];
const ERRNOS = ["EBUSY", "EINVAL", "ENOENT", "EPERM"];
const PAGE = 0x1000n;
const EVERYTHING = 0xffff_ffff_ffff_ffffn;
const SEALED = 0x7;
const PUNCH = 0x3;

type Parts = Record<string, unknown>;

export class RandomWalk {
  readonly machine: Machine;
  readonly #pids: readonly number[];
  #seq: number;
  #state: number;

  /** @param contradicting The kernel answers otherwise than the model now and then. */
  constructor(
    from: Vm,
    seed: number,
    readonly contradicting: boolean,
  ) {
    this.machine = from.scenario.machine;
    this.#pids = [from.vmm.pid, from.manager.pid];
    this.#seq = from.scenario.last_seq + 1;
    this.#state = seed;
  }

  step(): void {
    const pid = this.#pick(this.#pids);
    const moves = this.#moves(pid);
    moves[this.#below(moves.length)]?.();
  }

  #moves(pid: number): (() => void)[] {
    const call = (kind: FileKind, op: string, args: StructValues = {}) => {
      const fd = this.#fdOf(pid, kind);
      this.#apply({ type: "ioctl", pid, fd, op, in: args, ...this.#answer() });
    };
    const id = () => 1 + this.#below(8);
    const token = () => BigInt(this.#below(5));
    const hwptToken = () => this.#pick([0, 1, HWPT_TOKEN]);
    const iova = () => BigInt(this.#below(16)) * PAGE;
    const name = () => this.#pick(NAMES).padEnd(64, "\0");
    const keep = (kind: FileKind) => () => {
      const fd = this.#fdOf(pid, kind);
      call("luo_session", "LIVEUPDATE_SESSION_PRESERVE_FD", { fd, token: token() });
    };
    const open = (path: string) => this.#apply({ type: "open", pid, path, flags: 2 });
    const map = () => {
      const where = { ioas_id: id(), start: iova(), length: PAGE, iova: iova() };
      const fd = this.#fdOf(pid, "memfd");
      call("iommufd", "IOMMU_IOAS_MAP_FILE", { flags: 7, fd, ...where });
    };
    return [
      () => open("/dev/iommu"),
      () => open("/dev/liveupdate"),
      () => open(`/dev/vfio/devices/${this.#pick(CARDS).cdev}`),
      () => this.#memfd(pid),
      () =>
        call("vfio_device", "VFIO_DEVICE_BIND_IOMMUFD", { iommufd: this.#fdOf(pid, "iommufd") }),
      () => call("vfio_device", "VFIO_DEVICE_ATTACH_IOMMUFD_PT", { pt_id: id() }),
      () => call("vfio_device", "VFIO_DEVICE_ATTACH_IOMMUFD_PT", { pt_id: id() }),
      () => call("vfio_device", "VFIO_DEVICE_DETACH_IOMMUFD_PT"),
      () => call("iommufd", "IOMMU_IOAS_ALLOC"),
      () => call("iommufd", "IOMMU_HWPT_ALLOC", { dev_id: id(), pt_id: id() }),
      () => call("iommufd", "IOMMU_HWPT_ALLOC", { dev_id: id(), pt_id: id() }),
      map,
      map,
      () => {
        const length = this.#below(2) === 0 ? PAGE : EVERYTHING;
        call("iommufd", "IOMMU_IOAS_UNMAP", { ioas_id: id(), iova: 0n, length });
      },
      () => {
        const args = { hwpt_id: id(), hwpt_token: BigInt(hwptToken()) };
        call("iommufd", "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE", args);
      },
      () => call("iommufd", "IOMMU_HWPT_LU_RESTORE", { hwpt_token: hwptToken() }),
      () => call("iommufd", "IOMMU_DESTROY", { id: id() }),
      () => call("luo_device", "LIVEUPDATE_IOCTL_CREATE_SESSION", { fd: -1, name: name() }),
      () => call("luo_device", "LIVEUPDATE_IOCTL_RETRIEVE_SESSION", { fd: -1, name: name() }),
      keep("memfd"),
      keep("iommufd"),
      keep("iommufd"),
      keep("vfio_device"),
      () => call("luo_session", "LIVEUPDATE_SESSION_RETRIEVE_FD", { fd: -1, token: token() }),
      () => call("luo_session", "LIVEUPDATE_SESSION_RETRIEVE_FD", { fd: -1, token: token() }),
      () => call("luo_session", "LIVEUPDATE_SESSION_FINISH"),
      () => this.#close(pid),
      () => this.#driver(),
      () => this.#dma(),
      () => {
        const fd = this.#fdOf(pid, "memfd");
        const hole = { mode: PUNCH, offset: iova(), length: PAGE };
        this.#apply({ type: "fallocate", pid, fd, ...hole, ...this.#answer() });
      },
      () => this.#end(pid),
    ];
  }

  #memfd(pid: number): void {
    const fd = Number(this.#apply({ type: "memfd_create", pid, name: "m", flags: 2 }).outcome.ret);
    this.#apply({ type: "ftruncate", pid, fd, length: 16n * PAGE });
    if (this.#below(4) > 0) {
      this.#apply({ type: "fcntl", pid, fd, cmd: "F_ADD_SEALS", arg: SEALED });
    }
  }

  #close(pid: number): void {
    const kinds: readonly FileKind[] = ["iommufd", "vfio_device", "luo_session", "memfd"];
    this.#apply({ type: "close", pid, fd: this.#fdOf(pid, this.#pick(kinds)) });
  }

  #driver(): void {
    const type = this.#pick(["driver_bind", "driver_unbind"]);
    const driver = this.#pick(["ice", "vfio-pci"]);
    this.#apply({ type, device: this.#pick(CARDS).bdf, driver, ...this.#answer() });
  }

  #dma(): void {
    const observed = this.#pick(["ok", "fault", "unknown", "partial"]);
    const direction = this.#pick(["read", "write"]);
    const where = { iova: BigInt(this.#below(18)) * PAGE, length_bytes: 0x2000 };
    this.#apply({ type: "dma", device: this.#pick(CARDS).bdf, ...where, direction, observed });
  }

  /** A process, and now and then a kernel, comes to its end. */
  #end(pid: number): void {
    switch (this.#below(24)) {
      case 0:
        this.#apply({ type: "exit", pid, code: 0 });
        return;
      case 1:
        this.#apply({ type: "kexec_load", how: "kexec_file_load", ret: 0 });
        this.#apply({ type: "reboot", pid, cmd: "kexec" });
        return;
      case 2: {
        const kind = this.#pick(["kexec", "kexec", "kexec", "cold", "crash"]);
        const liveupdate = this.#below(8) > 0;
        const boot = this.machine.epoch + 1;
        this.#apply({ type: "boot", kind, boot, liveupdate, kho: true });
      }
    }
  }

  #answer(): Parts {
    if (!this.contradicting || this.#below(6) > 0) return {};
    return this.#below(2) === 0 ? { ret: 0 } : { ret: -1, errno: this.#pick(ERRNOS) };
  }

  #fdOf(pid: number, kind: FileKind): number {
    const fds = this.machine.process(pid).fds.entries();
    const fitting = fds.filter(([, { file }]) => file.object.kind === kind);
    return fitting[this.#below(fitting.length)]?.[0] ?? this.#below(10);
  }

  #apply(parts: Parts) {
    return this.machine.apply({ ...parts, seq: this.#seq++ } as Event);
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }

  /** A linear congruential generator: the same seed walks the same way everywhere. */
  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return limit === 0 ? 0 : (this.#state >> 8) % limit;
  }
}
