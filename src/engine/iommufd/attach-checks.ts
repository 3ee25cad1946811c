/** Whether a group's PASID can take a domain; nothing changes here (iommufd.md 7.2, 7.3). */

import type { Errno } from "../errno.js";
import { RestoredHwpt } from "../liveupdate/restored-hwpt.js";
import type { AttachRefusal, AttachWish } from "./attach.js";
import type { Device } from "./device.js";
import type { HardwareDevice } from "./hardware-device.js";
import { type Hwpt, pagingOf } from "./hwpt.js";
import type { Ioas } from "./ioas.js";
import type { IommuGroup } from "./iommu-group.js";

/** @source iommufd_hw_pagetable_attach, drivers/iommu/iommufd/device.c (v7.3.4) */
export function checkAttach(wish: AttachWish, hwpt: Hwpt): AttachRefusal | undefined {
  const { device, pasid } = wish;
  const { group, hardware } = device;
  if (hwpt instanceof RestoredHwpt && wish.against_design !== true) {
    const refusal = checkRestored(device, hwpt);
    if (refusal !== undefined) return refusal;
  }
  const attachment = group.attached.get(pasid);
  if (attachment?.devices.has(device) === true) {
    return { errno: "EBUSY", why: `device ${device.id} is attached already` };
  }
  if (attachment !== undefined && attachment.hwpt !== hwpt) {
    return { errno: "EINVAL", why: "the group is attached to another HWPT" };
  }
  if (pasid === 0 && !canReserveFor([hardware], pagingOf(hwpt).ioas)) return RESERVED_IN_USE;
  return attachment === undefined ? checkGroup(group, pasid, hwpt) : undefined;
}

/** @source iommufd_device_do_replace, drivers/iommu/iommufd/device.c (v7.3.4) */
export function checkReplace(wish: AttachWish, hwpt: Hwpt): AttachRefusal | undefined {
  const { device, pasid } = wish;
  const { group } = device;
  const attachment = device.attachment(pasid);
  if (attachment === undefined) {
    return { errno: "EINVAL", why: `device ${device.id} has nothing attached to replace` };
  }
  if (attachment.hwpt === hwpt) return undefined;
  if (hwpt instanceof RestoredHwpt && wish.against_design !== true) {
    const refusal = checkRestored(device, hwpt);
    if (refusal !== undefined) return refusal;
  }
  const { ioas } = pagingOf(hwpt);
  if (pasid === 0 && ioas !== pagingOf(attachment.hwpt).ioas) {
    const attached = [...attachment.devices].map(({ hardware }) => hardware);
    if (!canReserveFor(attached, ioas)) return RESERVED_IN_USE;
  }
  return checkGroup(group, pasid, hwpt);
}

/** A design may keep a restored domain for the devices that came with it, until they leave it. */
function checkRestored({ hardware, context }: Device, hwpt: RestoredHwpt) {
  const { attach_back, attach_other_device } = context.machine.profile.restore;
  const own = hwpt.domain.devices.has(hardware);
  const errno = own ? attach_back : attach_other_device;
  if (errno === undefined) return undefined;
  const why = own ? "the device left the restored domain" : "the restored domain is not its own";
  return { errno, why };
}

const RESERVED_IN_USE: AttachRefusal = {
  errno: "EADDRINUSE",
  why: "a mapping or an allowed range meets a reserved region of the device",
};

function canReserveFor(devices: readonly HardwareDevice[], ioas: Ioas): boolean {
  return devices.every((device) =>
    device.reservedWhileAttached.every(({ first, last }) => ioas.canReserve(first, last)),
  );
}

/** The checks of a domain that is new to the group: PASID rules, then the drivers. */
function checkGroup(group: IommuGroup, pasid: number, hwpt: Hwpt): AttachRefusal | undefined {
  const errno = checkPasidRules(group, pasid, hwpt);
  if (errno !== undefined) return { errno, why: "RID and PASIDs need a HWPT with the PASID flag" };
  for (const member of group.members) {
    const refused = checkUnit(member, pasid, hwpt);
    if (refused !== undefined) return { errno: refused, why: `${member.unit.name} refuses` };
  }
  for (const member of group.members) {
    const refused = member.checkDomain(pasid, hwpt);
    if (refused === undefined) continue;
    const aftermath = () => member.refuseDomain(pasid, hwpt);
    return { errno: refused, why: `the driver of ${member.name} refuses`, aftermath };
  }
  return undefined;
}

/** @source iommufd_hwpt_pasid_compat, drivers/iommu/iommufd/device.c (v7.3.4) */
function checkPasidRules(group: IommuGroup, pasid: number, hwpt: Hwpt): Errno | undefined {
  if (pasid === 0) {
    const usesPasids = [...group.attached.keys()].some((other) => other !== 0);
    return usesPasids && !hwpt.pasid_compatible ? "EINVAL" : undefined;
  }
  const rid = group.attached.get(0);
  if (rid !== undefined && !rid.hwpt.pasid_compatible) return "EINVAL";
  return hwpt.pasid_compatible ? undefined : "EINVAL";
}

/** @source iommu_attach_device_pasid, iommu_attach_group_handle, drivers/iommu/iommu.c (v7.3.4) */
function checkUnit(member: HardwareDevice, pasid: number, hwpt: Hwpt): Errno | undefined {
  if (pasid !== 0 && member.unit.pasid_refusal !== undefined) return member.unit.pasid_refusal;
  if (hwpt.unit.driver !== member.unit.driver) return "EINVAL";
  if (pasid !== 0 && member.max_pasids > 0 && pasid >= member.max_pasids) return "EINVAL";
  return undefined;
}
