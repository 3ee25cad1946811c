import type { Errno } from "../errno.js";
import {
  type DeviceCapabilities,
  HardwareDevice,
  PCI_CAPABILITIES,
} from "../iommufd/hardware-device.js";
import type { Hwpt } from "../iommufd/hwpt.js";
import { IommuGroup } from "../iommufd/iommu-group.js";
import type { IommuUnit } from "../iommufd/iommu-unit.js";
import type { Viommu } from "../iommufd/viommu.js";

export const MOCK_FLAGS_DEVICE_NO_DIRTY = 1;
export const MOCK_FLAGS_DEVICE_PASID = 4;

const CACHE_DEFAULT = 0xbad_dad;
const CACHE_ENTRIES = 4;
const PASID_LIMIT = 1 << 20;
/** Setting a domain for this PASID fails every second time, to test how the core recovers. */
const TRAP_PASID = 1024;

/**
 * A device of the selftest driver, alone in its group.
 *
 * @source struct mock_dev, drivers/iommu/iommufd/selftest.c (v7.3.4)
 */
export class MockDevice extends HardwareDevice {
  readonly cache: number[] = Array<number>(CACHE_ENTRIES).fill(CACHE_DEFAULT);
  /** The vIOMMU whose nested domain the RID uses, and the guest's number of the device there. */
  viommu: Viommu | undefined;
  vdev_id = 0n;
  private trapArmed = false;

  constructor(name: string, unit: IommuUnit, flags: number) {
    super(name, new IommuGroup(), unit);
    this.max_pasids = (flags & MOCK_FLAGS_DEVICE_PASID) !== 0 ? PASID_LIMIT : 1;
    this.capabilities = capabilitiesFor(flags);
  }

  /**
   * EINVAL: the domain tracks dirty pages and the device cannot. ENOENT: the domain belongs to a
   * vIOMMU that does not know the device. ENOMEM: the trap PASID.
   */
  override checkDomain(pasid: number, hwpt: Hwpt): Errno | undefined {
    if (pasid !== 0) return pasid === TRAP_PASID && this.trapArmed ? "ENOMEM" : undefined;
    if (hwpt.type === "HWPT_PAGING") {
      return hwpt.dirty !== undefined && !this.capabilities.dirty_tracking ? "EINVAL" : undefined;
    }
    return hwpt.viommu !== undefined && this.numberIn(hwpt.viommu) === undefined
      ? "ENOENT"
      : undefined;
  }

  override useDomain(pasid: number, hwpt: Hwpt | undefined): void {
    if (pasid === TRAP_PASID) this.trapArmed = hwpt !== undefined;
    if (pasid !== 0) return;
    const viommu = hwpt?.type === "HWPT_NESTED" ? hwpt.viommu : undefined;
    if (viommu === this.viommu) return;
    this.viommu = viommu;
    this.vdev_id = viommu === undefined ? 0n : (this.numberIn(viommu) ?? 0n);
  }

  override refuseDomain(pasid: number, _hwpt: Hwpt): void {
    if (pasid === TRAP_PASID) this.trapArmed = false;
  }

  private numberIn(viommu: Viommu): bigint | undefined {
    const vdevice = this.bound?.vdevice;
    return vdevice?.viommu === viommu ? vdevice.virt_id : undefined;
  }
}

function capabilitiesFor(flags: number): DeviceCapabilities {
  return {
    ...PCI_CAPABILITIES,
    enforce_cache_coherency: false,
    dirty_tracking: (flags & MOCK_FLAGS_DEVICE_NO_DIRTY) === 0,
    pri: true,
  };
}
