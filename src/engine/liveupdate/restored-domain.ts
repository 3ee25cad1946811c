import type { HardwareDevice } from "../iommufd/hardware-device.js";
import type { IommuGroup } from "../iommufd/iommu-group.js";
import { bootText, type Lineage, lineageText } from "../lineage.js";
import type { Machine } from "../machine.js";
import type { MemoryObject } from "../memory/memory-object.js";
import type { DomainTable } from "./domain-table.js";
import type { LuoFile } from "./luo-file.js";
import type { PreservedDomain } from "./preserved-domain.js";
import type { RestoredHwpt } from "./restored-hwpt.js";

/** What ended a restored domain. */
export type DomainEnd =
  /** IOMMU_DESTROY of its HWPT. */
  | "destroyed"
  /** The last reference to the iommufd that owned it is gone. */
  | "iommufd_closed"
  /** The kernel it lived in is gone, and it was not handed on. */
  | "kernel_gone";

/**
 * A page table that came from the kernel before, as it was: nobody can map into it or unmap from
 * it, ever. The boot puts it back in front of its devices, where nothing changes by that; user
 * space
 * gets a HWPT as a handle, to destroy it once it was replaced.
 *
 * @source iommu_restore_domain, drivers/iommu/liveupdate.c (IOMMU live update v5)
 */
export class RestoredDomain {
  readonly origin = "restored";
  /** Groups it serves since boot without an iommufd having attached it. */
  readonly groups = new Set<IommuGroup>();
  /** The handle, once user space has one. */
  hwpt: RestoredHwpt | undefined;
  /** How and when it ended; undefined while it lives. */
  end: { readonly cause: DomainEnd; readonly seq: number } | undefined;

  constructor(
    readonly record: PreservedDomain,
    /** The iommufd it belongs to, as a file of its session. */
    readonly iommufd: LuoFile,
    readonly table: DomainTable,
    /** The kernel it lives in. */
    readonly epoch: number,
  ) {}

  get uid(): number {
    return this.record.uid;
  }

  /** `vm7/iommufd#1/hwpt:token=0x4d@boot2`; see lineage.ts. */
  describe(): string {
    const iommufd = lineageText(this.record.hwpt.context.lineage);
    return `${iommufd}/${lineageText(this.lineage)}${bootText(this.epoch)}`;
  }

  get lineage(): Lineage {
    return this.record.lineage;
  }

  get token(): bigint {
    return this.record.token;
  }

  /** The devices it was preserved for, with their names. */
  get devices(): ReadonlyMap<HardwareDevice, string> {
    return this.record.devices;
  }

  /** It translates for a device. */
  get attached(): boolean {
    return this.hwpt === undefined ? this.groups.size > 0 : this.hwpt.users > 1;
  }

  /** It translates for a device and maps some of this memory. */
  uses(memory: MemoryObject): boolean {
    return this.end === undefined && this.attached && this.table.maps(memory);
  }

  /** The boot puts it in front of a group's devices: to the hardware nothing changes. */
  serve(group: IommuGroup): void {
    group.restored = this;
    this.groups.add(group);
  }

  /** A group that it serves since boot gets another domain, or none. */
  leave(group: IommuGroup): void {
    group.restored = undefined;
    if (this.groups.delete(group)) this.hwpt?.unuse();
  }

  finish(machine: Machine, cause: DomainEnd): void {
    if (this.end !== undefined) return;
    this.end = { cause, seq: machine.seq };
    machine.emit({ kind: "domain_destroyed", domain: this, cause });
  }
}
