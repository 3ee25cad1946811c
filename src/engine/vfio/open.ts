/** Opening the nodes of VFIO: /dev/vfio/devices/vfioN and /dev/vfio/N. */

import type { Call } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import type { FileObject } from "../file/file-object.js";
import { hasFreeFd } from "../file/free-fd.js";
import { VfioDeviceFile } from "./device-file.js";
import { VfioGroupFile } from "./vfio-group.js";

type OpenCall = Call<EventOf<"open">>;

/** A cdev can be open any number of times; nothing is claimed yet. */
export function openVfioCdev(call: OpenCall): void {
  if (!hasFreeFd(call)) return;
  const device = call.machine.devices.open(lastPart(call.event.path));
  const taken = device?.arrived_as && call.machine.profile.boot.open_preserved_device;
  if (device === undefined) call.reject("ENOENT", "no such device");
  else if (taken !== undefined) call.reject(taken, "the device waits for its session");
  else install(call, () => new VfioDeviceFile(device, "cdev", call.machine.epoch));
}

/**
 * A group has one opener at a time: EBUSY for another, and while a device of it is bound through
 * its cdev.
 *
 * @source vfio_group_fops_open, drivers/vfio/group.c (v7.3.4)
 */
export function openVfioGroup(call: OpenCall): void {
  if (!hasFreeFd(call)) return;
  const { devices } = call.machine;
  const number = Number(lastPart(call.event.path));
  const group = devices.group(number);
  if (group === undefined) {
    call.reject("ENOENT", "no such group");
    return;
  }
  const taken = devices.findInGroup(number).some((device) => device.bound_through === "cdev");
  if (taken) call.reject("EBUSY", "a device of the group is bound through its cdev");
  else if (group.opened !== undefined) call.reject("EBUSY", "the group is open already");
  else install(call, () => new VfioGroupFile(group));
}

function install(call: OpenCall, make: () => FileObject): void {
  const fd = call.adopt("ret", call.process.fds.lowestFree(), call.event.ret);
  if (call.accept(fd)) call.installFd(fd, make(), call.event.flags);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
