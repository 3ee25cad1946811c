import type { HardwareDevice } from "../iommufd/hardware-device.js";
import { type Hwpt, pagingOf } from "../iommufd/hwpt.js";
import type { RestoredDomain } from "../liveupdate/restored-domain.js";
import { RestoredHwpt } from "../liveupdate/restored-hwpt.js";
import type { PciDevice } from "../vfio/pci-device.js";
import type { DmaPath } from "./translate.js";

/** How requests of a device with this PASID reach memory now; 0 stands for none (the RID). */
export function pathOf(device: PciDevice, pasid: number): DmaPath {
  const { hardware } = device;
  const hwpt = hardware.group.attached.get(pasid)?.hwpt;
  return {
    hwpt: hwpt === undefined ? undefined : pagingOf(hwpt),
    restored: restoredFor(hardware, pasid, hwpt),
    nested: hwpt?.type === "HWPT_NESTED",
    blocked: blockedBy(device),
    interrupts: hardware.reserved.filter(({ kind }) => kind === "msi"),
  };
}

/** The immutable table in front of the device, whether user space has a handle of it or not. */
function restoredFor(
  { group }: HardwareDevice,
  pasid: number,
  hwpt: Hwpt | undefined,
): RestoredDomain | undefined {
  if (hwpt instanceof RestoredHwpt) return hwpt.domain;
  return hwpt === undefined && pasid === 0 ? group.restored : undefined;
}

function blockedBy(device: PciDevice): DmaPath["blocked"] {
  if (device.bus_master === false) return "bus_master_off";
  return device.hardware.translation_lost ? "blocked" : undefined;
}
