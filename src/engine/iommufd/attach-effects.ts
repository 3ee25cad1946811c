/** The changes of attach, replace and detach, after their checks. */

import { assert } from "../assert.js";
import type { RestoredDomain } from "../liveupdate/restored-domain.js";
import { RestoredHwpt } from "../liveupdate/restored-hwpt.js";
import type { Machine } from "../machine.js";
import type { Device } from "./device.js";
import { type Hwpt, pagingOf } from "./hwpt.js";
import type { Ioas } from "./ioas.js";
import type { GroupAttachment, IommuGroup } from "./iommu-group.js";

/** A device comes to a domain; the group's first one brings the hardware along. */
export function takeHwpt(device: Device, pasid: number, hwpt: Hwpt): void {
  const { group, context } = device;
  if (pasid === 0) reserveRegions(device, pagingOf(hwpt).ioas);
  const attachment = group.attached.get(pasid);
  if (attachment === undefined) {
    if (pasid === 0 && group.restored !== undefined) replaceAtBoot(device, group.restored, hwpt);
    group.attached.set(pasid, { hwpt, handle: { device }, devices: new Set([device]) });
    for (const member of group.members) member.useDomain(pasid, hwpt);
  } else attachment.devices.add(device);
  hwpt.use();
  device.use();
  context.machine.emit({ kind: "device_attached", device, pasid, hwpt, previous: undefined });
}

/** All attached devices of the group move to another domain. */
export function moveGroup(device: Device, pasid: number, hwpt: Hwpt): void {
  const { group, context } = device;
  const attachment = group.attached.get(pasid);
  assert(attachment !== undefined, "a group that moves is attached");
  const previous = attachment.hwpt;
  if (previous === hwpt) return;
  const [from, to] = [pagingOf(previous).ioas, pagingOf(hwpt).ioas];
  for (const member of group.members) member.useDomain(pasid, hwpt);
  dropFaults(attachment);
  attachment.hwpt = hwpt;
  attachment.handle = { device };
  hwpt.use(attachment.devices.size);
  for (const moved of attachment.devices) {
    if (pasid === 0 && from !== to) {
      from.releaseReservations(moved);
      reserveRegions(moved, to);
    }
    context.machine.emit({ kind: "device_attached", device: moved, pasid, hwpt, previous });
  }
  if (previous instanceof RestoredHwpt) replaced(group, previous.domain, hwpt);
  releaseHwpt(previous, attachment.devices.size);
}

/** The first attach since boot takes the group off the domain that it came with. */
function replaceAtBoot(device: Device, domain: RestoredDomain, hwpt: Hwpt): void {
  domain.leave(device.group);
  replaced(device.group, domain, hwpt);
}

function replaced(group: IommuGroup, domain: RestoredDomain, hwpt: Hwpt): void {
  if (hwpt instanceof RestoredHwpt && hwpt.domain === domain) return;
  hwpt.context.machine.emit({ kind: "domain_replaced", domain, group, hwpt });
}

/** A device leaves its domain; the group's last one leaves the hardware blocked. */
export function putHwpt(device: Device, pasid: number): void {
  const { group, context } = device;
  const attachment = group.attached.get(pasid);
  assert(attachment?.devices.has(device) === true, "a device that is detached was attached");
  const { hwpt } = attachment;
  attachment.devices.delete(device);
  if (attachment.devices.size === 0) {
    group.attached.delete(pasid);
    for (const member of group.members) member.useDomain(pasid, undefined);
    dropFaults(attachment);
    released(group, hwpt, context.machine);
  }
  if (pasid === 0) pagingOf(hwpt).ioas.releaseReservations(device);
  device.unuse();
  context.machine.emit({ kind: "device_detached", device, pasid, hwpt });
  releaseHwpt(hwpt, 1);
}

/** A group that was on a restored domain is on none. */
function released(group: IommuGroup, hwpt: Hwpt, machine: Machine): void {
  if (!(hwpt instanceof RestoredHwpt)) return;
  machine.emit({ kind: "domain_released", domain: hwpt.domain, group, cause: "detached" });
}

function reserveRegions(device: Device, ioas: Ioas): void {
  for (const { first, last } of device.hardware.reservedWhileAttached) {
    ioas.reserve(first, last, device);
  }
}

/** Faults nobody answered are answered INVALID. */
function dropFaults({ hwpt, handle }: GroupAttachment): void {
  hwpt.fault?.drop(handle);
}

/** An automatic HWPT goes with its last user. */
function releaseHwpt(hwpt: Hwpt, users: number): void {
  hwpt.unuse(users);
  if (hwpt.type === "HWPT_PAGING" && hwpt.auto && hwpt.users === 1) hwpt.context.remove(hwpt);
}
