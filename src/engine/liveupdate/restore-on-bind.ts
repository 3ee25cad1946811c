/** What binding a device means after a live update. */

import { assert } from "../assert.js";
import type { Device } from "../iommufd/device.js";
import type { Machine } from "../machine.js";
import type { PciDevice } from "../vfio/pci-device.js";
import { RestoredHwpt } from "./restored-hwpt.js";

/**
 * A device came to its iommufd. The file it was retrieved with can be finished from now on; and
 * where the design makes the handle of a restored domain by itself, it does so here: to the
 * hardware nothing changes.
 */
export function restoreOnBind(machine: Machine, device: PciDevice): void {
  const { arrived_as, bond } = device;
  assert(bond !== undefined, "the device is bound");
  if (arrived_as?.state === "retrieved") arrived_as.record.bound = true;
  if (machine.profile.restore.hwpt_creation !== "at_attach") return;
  const hwpt = handleFor(bond.object);
  if (hwpt === undefined) return;
  adopt(bond.object, hwpt);
  device.attachments.add(undefined);
}

/** The handle of the domain in front of the device's group, made with its first device. */
function handleFor(device: Device): RestoredHwpt | undefined {
  const { group, context, hardware } = device;
  const attached = group.attached.get(0)?.hwpt;
  if (attached instanceof RestoredHwpt && attached.context === context) {
    return attached.domain.devices.has(hardware) ? attached : undefined;
  }
  const domain = group.restored;
  if (domain === undefined || domain.iommufd !== context.retrieved_as) return undefined;
  if (domain.hwpt !== undefined) return domain.hwpt;
  const hwpt = new RestoredHwpt(context, domain, hardware.unit);
  domain.record.reclaimed = true;
  hwpt.claim(context.nextId());
  return hwpt;
}

/** The device counts as attached to the handle, as if user space had done it. */
function adopt(device: Device, hwpt: RestoredHwpt): void {
  const { group, context } = device;
  const attachment = group.attached.get(0);
  if (attachment === undefined) {
    group.attached.set(0, { hwpt, handle: { device }, devices: new Set([device]) });
  } else attachment.devices.add(device);
  hwpt.use();
  device.use();
  hwpt.domain.leave(group);
  context.machine.emit({ kind: "device_attached", device, pasid: 0, hwpt, previous: undefined });
}
