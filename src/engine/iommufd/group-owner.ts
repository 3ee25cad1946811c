/** Who owns a group's DMA, before and after a live update. */

import type { Errno } from "../errno.js";
import type { Machine } from "../machine.js";
import type { IommufdContext } from "./context.js";
import type { Device } from "./device.js";
import type { GroupOwner, IommuGroup } from "./iommu-group.js";

/**
 * A group that a driver of the kernel uses takes no iommufd. One that arrived
 * with a preserved device takes only the iommufd it was preserved with.
 *
 * @source iommu_device_claim_dma_owner, drivers/iommu/iommu.c (IOMMU live update v5)
 */
export function checkReservation(context: IommufdContext, group: IommuGroup): Errno | undefined {
  const { reserved_for, kernel_driver } = group;
  if (kernel_driver !== undefined) return "EPERM";
  if (reserved_for === undefined || reserved_for === context.retrieved_as) return undefined;
  return context.machine.profile.boot.foreign_bind;
}

/** A device was bound: its iommufd owns the group. */
export function takeGroup(device: Device, before: GroupOwner | undefined): void {
  const { group } = device;
  if (before?.kind === "iommufd") return;
  group.reserved_for = undefined;
  device.context.machine.emit({
    kind: "group_owner_changed",
    group,
    before,
    after: group.dma_owner,
  });
}

/** A device was unbound: with the last one the group goes back to the kernel's default domain. */
export function leaveGroup(device: Device, before: GroupOwner | undefined): void {
  const { group } = device;
  const { machine } = device.context;
  if (group.owner !== undefined) return;
  group.preserved_devices = 0;
  const { restored } = group;
  if (restored !== undefined) {
    restored.leave(group);
    machine.emit({ kind: "domain_released", domain: restored, group, cause: "unbound" });
  }
  machine.emit({ kind: "group_owner_changed", group, before, after: undefined });
}

/** A driver of the kernel takes the group, or was seen to get it although it belongs to another. */
export function claimGroup(machine: Machine, group: IommuGroup, driver: string): void {
  const before = group.dma_owner;
  group.kernel_driver = driver;
  machine.emit({ kind: "group_owner_changed", group, before, after: group.dma_owner });
}

/** The driver is gone. */
export function releaseGroup(machine: Machine, group: IommuGroup): void {
  const before = group.dma_owner;
  group.kernel_driver = undefined;
  machine.emit({ kind: "group_owner_changed", group, before, after: group.dma_owner });
}
