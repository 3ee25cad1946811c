import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { Errno } from "../errno.js";
import type { EventOf } from "../event/index.js";
import { claimGroup, releaseGroup } from "../iommufd/group-owner.js";
import type { IommuGroup } from "../iommufd/iommu-group.js";
import type { Machine } from "../machine.js";

/** vfio-pci and its variants, such as mlx5-vfio-pci: user space can open their devices. */
const VFIO_DRIVER = /vfio[-_]pci$/;
/** Drivers that leave the device's DMA to user space; all others use the kernel's DMA API. */
const USER_SPACE_DRIVERS = /vfio/;

/**
 * A driver came to a device: with vfio-pci user space can open it. One that uses the DMA API is
 * refused while an iommufd owns the group, or is to get it after a live update.
 *
 * @source iommu_device_use_default_domain, drivers/iommu/iommu.c (v7.3.4)
 */
export function driverBind(machine: Machine, event: EventOf<"driver_bind">): Outcome {
  const group = machine.devices.hardwareOf(event.device)?.group;
  if (isDone(event)) {
    // A device has one driver: the one before is gone.
    if (group?.kernel_driver !== undefined) releaseGroup(machine, group);
    if (VFIO_DRIVER.test(event.driver)) machine.devices.bindDriver(event.device);
  }
  if (USER_SPACE_DRIVERS.test(event.driver) || group === undefined) return machine.observe(event);
  const call = new Call(machine, machine.nobody, event);
  const refused = refusalOf(machine, group);
  if (refused === undefined) call.unjudged();
  else call.reject(refused, "the group belongs to an iommufd");
  if (refused === undefined ? isDone(event) : call.observedSuccess) {
    machine.devices.unbindDriver(event.device);
    claimGroup(machine, group, event.driver);
  }
  return call;
}

/** A driver left a device. */
export function driverUnbind(machine: Machine, event: EventOf<"driver_unbind">): Outcome {
  if (!isDone(event)) return machine.observe(event);
  if (VFIO_DRIVER.test(event.driver)) machine.devices.unbindDriver(event.device);
  const group = machine.devices.hardwareOf(event.device)?.group;
  if (group?.kernel_driver === event.driver) releaseGroup(machine, group);
  return machine.observe(event);
}

function refusalOf(machine: Machine, group: IommuGroup): Errno | undefined {
  switch (group.dma_owner?.kind) {
    case "iommufd":
      return "EBUSY";
    case "preserved":
      return machine.profile.boot.kernel_driver_bind;
    default:
      return undefined;
  }
}

function isDone(event: EventOf<"driver_bind" | "driver_unbind">): boolean {
  return event.ret === undefined || event.ret === 0;
}
