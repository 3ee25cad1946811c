import type { Errno } from "../errno.js";
import type { Device } from "./device.js";
import type { Hwpt } from "./hwpt.js";
import type { IommuGroup } from "./iommu-group.js";
import type { IommuUnit } from "./iommu-unit.js";
import type { IovaRange } from "./reserved.js";

/**
 * What a reserved region is for (enum iommu_resv_type). `direct` regions must be mapped 1:1;
 * `direct_relaxable` ones may be ignored once user space drives the device.
 */
export type ReservedKind = "direct" | "direct_relaxable" | "reserved" | "msi" | "sw_msi";

export interface ReservedRegion extends IovaRange {
  readonly kind: ReservedKind;
}

/** What the device and its bus can do. */
export interface DeviceCapabilities {
  /** Without it the device cannot be bound. */
  readonly cache_coherency: boolean;
  readonly enforce_cache_coherency: boolean;
  readonly dirty_tracking: boolean;
  /** Address translation services are usable. */
  readonly ats: boolean;
  /** Page requests are enabled: the device can take a domain with a fault queue. */
  readonly pri: boolean;
  /** Interrupts are remapped, or the module was told not to care. */
  readonly isolated_msi: boolean;
}

/** The usual PCI device behind an IOMMU with interrupt remapping. */
export const PCI_CAPABILITIES: DeviceCapabilities = {
  cache_coherency: true,
  enforce_cache_coherency: true,
  dirty_tracking: false,
  ats: false,
  pri: false,
  isolated_msi: true,
};

/**
 * A device as the IOMMU sees it, bound to an iommufd or not. Subclasses stand for drivers that do
 * more than take a page table.
 */
export class HardwareDevice {
  /** The DEVICE object while it is bound. */
  bound: Device | undefined;
  /** Address ranges that no mapping may use while it is attached. */
  reserved: readonly ReservedRegion[];
  capabilities: DeviceCapabilities = PCI_CAPABILITIES;
  /** PASIDs are below this number; 0: the device has none. */
  max_pasids = 0;
  /** A refused attach took the page table away: every DMA faults until the next attach. */
  translation_lost = false;

  constructor(
    /** PCI address, or another name that is unique in the machine. */
    readonly name: string,
    readonly group: IommuGroup,
    public unit: IommuUnit,
  ) {
    this.reserved = unit.device_reserved;
    group.members.push(this);
  }

  /** The regions an IOAS has to keep free while the device is attached to it. */
  get reservedWhileAttached(): readonly ReservedRegion[] {
    return this.reserved.filter((region) => region.kind !== "direct_relaxable");
  }

  /** A kernel starts: nothing is bound, no iommufd has attached anything. */
  startKernel(): void {
    this.bound = undefined;
    this.translation_lost = false;
    this.group.startKernel();
  }

  /** Whether the driver takes the domain; nothing changes. */
  checkDomain(_pasid: number, hwpt: Hwpt): Errno | undefined {
    return hwpt.fault !== undefined && !this.capabilities.pri ? this.unit.fault_refusal : undefined;
  }

  /** The driver uses a domain from now on; undefined: it blocks the PASID. */
  useDomain(pasid: number, _hwpt: Hwpt | undefined): void {
    if (pasid === 0) this.translation_lost = false;
  }

  /** The driver refused a domain: what that leaves behind. */
  refuseDomain(pasid: number, _hwpt: Hwpt): void {
    if (pasid === 0 && this.unit.refusal_blocks_dma && this.group.attached.has(0)) {
      this.translation_lost = true;
    }
  }
}
