import { FdTable } from "../file/fd-table.js";
import type { BackingOwner } from "../iommufd/backing.js";
import type { AddressSpace } from "../memory/address-space.js";

export type ProcessRole = "manager" | "vmm" | "reaper" | "pid1" | "other";

/** Capabilities that change what an ioctl answers. */
export type Capability = "CAP_IPC_LOCK" | "CAP_SYS_RESOURCE" | "CAP_SYS_RAWIO" | "CAP_SYS_ADMIN";

/** One process of the current kernel. */
export class Process {
  readonly fds = new FdTable();
  /** Effective capabilities that were dropped; a recorded root process has all others. */
  readonly droppedCapabilities = new Set<Capability>();
  alive = true;
  role: ProcessRole | undefined;
  comm: string | undefined;
  uid = 0;
  /** RLIMIT_MEMLOCK in bytes. */
  rlimit_memlock = 0x800000n;
  /** RLIMIT_NOFILE: the first descriptor number that is refused. */
  rlimit_nofile = 1024n;
  /** The process armed fault injection (`fail-nth`): calls may fail for no modelled reason. */
  faultInjection = false;
  /** What it was when it last mapped memory for devices; see ownerOf. */
  newest_owner: BackingOwner | undefined;

  constructor(
    readonly pid: number,
    readonly parent: Process | undefined,
    /** Replaced by exec. */
    public mm: AddressSpace,
    /** Seq of the event that started it. */
    readonly started_seq: number,
  ) {}

  hasCapability(capability: Capability): boolean {
    if (this.uid !== 0) return false;
    return this.droppedCapabilities.size === 0 || !this.droppedCapabilities.has(capability);
  }
}
