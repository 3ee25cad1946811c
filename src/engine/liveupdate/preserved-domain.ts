import type { HardwareDevice } from "../iommufd/hardware-device.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import type { Lineage } from "../lineage.js";
import type { PciDevice } from "../vfio/pci-device.js";
import type { DomainTable } from "./domain-table.js";
import type { LuoFile } from "./luo-file.js";
import type { RestoredDomain } from "./restored-domain.js";

/**
 * The record of a page table in a live update: made when its iommufd is preserved, read by the next
 * kernel. All devices that are preserved on the table share it.
 *
 * @source iommu_domain_preserve, drivers/iommu/liveupdate.c (IOMMU live update v5)
 */
export class PreservedDomain {
  /** The devices that are preserved on it, with their names. */
  readonly devices = new Map<HardwareDevice, string>();
  /** What it maps; written down when the machine is about to jump. */
  table: DomainTable | undefined;
  /** In the next kernel: user space asked for its HWPT, or got it with the device. */
  reclaimed = false;
  /** What the next kernel made of it: nothing when no device was preserved on it. */
  restored: RestoredDomain | undefined;

  constructor(
    /** Same before and after the kexec: the serial of the HWPT that was the first to have it. */
    readonly uid: number,
    readonly hwpt: HwptPaging,
    /** The token it was marked with when its iommufd was preserved; later marks do not count. */
    readonly token: bigint,
    /** Which page table it is, in this kernel and in those to come. */
    readonly lineage: Lineage,
  ) {}

  /** The HWPT was destroyed although it was preserved: the record points at freed tables. */
  get dangling(): boolean {
    return this.hwpt.context.find(this.hwpt.id) !== this.hwpt;
  }
}

/** What the next kernel gets to know about an iommufd. */
export interface PreservedIommufd {
  readonly domains: readonly PreservedDomain[];
}

/** What the next kernel gets to know about a VFIO device. */
export interface PreservedDevice {
  readonly device: PciDevice;
  /** The domain the device was attached to; undefined when it was bound and not attached. */
  readonly domain: PreservedDomain | undefined;
  /** The iommufd's file in the same session; undefined where a lax kernel did not ask for it. */
  readonly iommufd: LuoFile | undefined;
  /** In the next kernel the device was bound: its file can be finished. */
  bound: boolean;
}
