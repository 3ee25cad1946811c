import { pagingOf } from "../iommufd/hwpt.js";
import type { PciDevice } from "../vfio/pci-device.js";
import type { DmaPath } from "./translate.js";

/** How requests of a device with this PASID reach memory now; 0 stands for none (the RID). */
export function pathOf(device: PciDevice, pasid: number): DmaPath {
  const { hardware } = device;
  const hwpt = hardware.group.attached.get(pasid)?.hwpt;
  return {
    hwpt: hwpt === undefined ? undefined : pagingOf(hwpt),
    blocked: blockedBy(device),
    interrupts: hardware.reserved.filter(({ kind }) => kind === "msi"),
  };
}

function blockedBy(device: PciDevice): DmaPath["blocked"] {
  if (device.bus_master === false) return "bus_master_off";
  return device.hardware.translation_lost ? "blocked" : undefined;
}
