/** What a VFIO device must look like to be preserved. */

import { assert } from "../assert.js";
import { type HwptPaging, pagingOf } from "../iommufd/hwpt.js";
import { VfioDeviceFile } from "../vfio/device-file.js";
import type { PciDevice } from "../vfio/pci-device.js";
import type { PreserveRequest, Refused } from "./handler.js";
import { entryOf } from "./iommufd-preserve.js";

/** IOMMU drivers that can hand their tables over. */
const SUPPORTING_DRIVERS: ReadonlySet<string> = new Set(["intel-iommu"]);

export function pciDeviceOf(object: object): PciDevice {
  assert(object instanceof VfioDeviceFile, "the VFIO handler gets VFIO devices");
  return object.device;
}

/** The page table the device's requests go through; undefined when it is not attached. */
export function tableOf(device: PciDevice): HwptPaging | undefined {
  const hwpt = device.bond?.object.attachment(0)?.hwpt;
  return hwpt === undefined ? undefined : pagingOf(hwpt);
}

/**
 * A device that is bound and not attached is preserved without its translation. An attached one
 * takes the domain along, which must be preserved, with its iommufd, in the same session.
 *
 * @source vfio_pci_liveupdate_preserve, drivers/vfio/pci/vfio_pci_liveupdate.c (VFIO live update
 * v5); iommufd_device_preserve, drivers/iommu/iommufd/device.c (IOMMU live update v5)
 */
export function checkPreserveDevice(request: PreserveRequest): Refused | undefined {
  const { machine, session, file } = request;
  const device = pciDeviceOf(file.object);
  const { preserve } = machine.profile;
  if (device.virtual_function && preserve.virtual_function !== undefined) {
    return { errno: preserve.virtual_function, why: "the device is a virtual function" };
  }
  const { group } = device.hardware;
  const hwpt = tableOf(device);
  if (hwpt === undefined) return checkTwice(device, preserve.unattached_device_twice);
  const refusals: readonly [boolean, Refused["errno"] | undefined, string][] = [
    [
      [...group.attached.keys()].some((pasid) => pasid !== 0),
      preserve.pasid_attached,
      "the group has PASIDs attached",
    ],
    [!hwpt.preserved, preserve.hwpt_not_preserved, "its HWPT is not preserved"],
    [
      entryOf(session, device.bond?.iommufd) === undefined,
      preserve.iommufd_not_in_session,
      "its iommufd is not in the session",
    ],
    [
      !SUPPORTING_DRIVERS.has(device.hardware.unit.driver),
      preserve.iommu_without_support,
      `${device.hardware.unit.name} cannot hand its tables over`,
    ],
  ];
  for (const [applies, errno, why] of refusals) {
    if (applies && errno !== undefined) return { errno, why };
  }
  return checkTwice(device, preserve.device_twice);
}

function checkTwice(device: PciDevice, errno: Refused["errno"] | undefined): Refused | undefined {
  if (errno === undefined || device.preserved_as === undefined) return undefined;
  return { errno, why: "the device is preserved through another open of it" };
}
