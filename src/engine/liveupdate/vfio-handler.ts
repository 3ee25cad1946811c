import { O_RDWR } from "../call/call.js";
import type { Machine } from "../machine.js";
import { VfioDeviceFile } from "../vfio/device-file.js";
import { defineHandler, type Refused } from "./handler.js";
import { entryOf } from "./iommufd-preserve.js";
import type { LuoFile } from "./luo-file.js";
import type { PreservedDevice } from "./preserved-domain.js";
import { checkPreserveDevice, pciDeviceOf, tableOf } from "./vfio-preserve.js";

/**
 * VFIO devices that were opened through their cdev and bound. What crosses is which device it is
 * and which domain it was attached to; the next kernel keeps everybody else away from it.
 *
 * @source drivers/vfio/pci/vfio_pci_liveupdate.c (VFIO live update v5, 2026-07-14)
 */
export const VFIO_HANDLER = defineHandler<PreservedDevice>({
  compatible: "vfio-pci-v1",
  source: "VFIO live update v5 (2026-07-14)",

  canPreserve(machine, file) {
    if (!machine.profile.preserve.iommufd_and_vfio) return false;
    const { object } = file;
    // Whether the device is open counts, not whether it is through this descriptor.
    if (!(object instanceof VfioDeviceFile)) return false;
    return object.path === "cdev" && object.device.bound_through === "cdev";
  },

  identity(file) {
    return file;
  },

  checkPreserve: checkPreserveDevice,

  preserve({ machine, session, file }) {
    const device = pciDeviceOf(file.object);
    const domain = tableOf(device)?.preserved_as;
    domain?.devices.set(device.hardware, device.name);
    if (domain !== undefined) device.hardware.group.preserved_devices++;
    const iommufd = entryOf(session, device.bond?.iommufd);
    const record: PreservedDevice = { device, domain, iommufd, bound: false };
    device.preserved_as = record;
    machine.emit({ kind: "device_preserved", device, domain });
    return record;
  },

  unpreserve(machine, luoFile) {
    const { device, domain } = luoFile.record;
    domain?.devices.delete(device.hardware);
    // The kernel looks at the attachment of now. A device that came to a preserved domain only
    // after
    // it had been preserved is taken off a count it never was in: its group stays locked
    // (observed).
    if (tableOf(device)?.preserved === true) device.hardware.group.preserved_devices--;
    device.preserved_as = undefined;
    machine.emit({ kind: "device_unpreserved", device, domain });
  },

  checkFreeze(machine, luoFile) {
    const errno = machine.profile.boot.freeze_with_interrupts;
    const { device } = luoFile.record;
    if (errno === undefined || device.armed.size === 0) return undefined;
    return { errno, why: `interrupts of ${device.name} are on` };
  },

  freeze(machine, luoFile) {
    const { device } = luoFile.record;
    const stopped = machine.freeze_stops_device;
    if (stopped) {
      if (device.resettable !== false) device.reset(machine);
      device.observeBusMaster(machine, false);
    }
    machine.emit({ kind: "device_frozen", device, stopped });
  },

  // A device that was stopped stays stopped: the rollback is not complete (observed).
  unfreeze() {},

  checkRetrieve(machine, luoFile) {
    const { device } = luoFile.record;
    if (machine.devices.entries().includes(device)) return undefined;
    return { errno: "ENODEV", why: `there is no ${device.name} in this kernel` };
  },

  retrieve(machine, luoFile) {
    const { source, record } = luoFile;
    const lineage = source.object.lineage;
    const object = new VfioDeviceFile(record.device, "cdev", machine.epoch, lineage);
    return machine.newFile(object, O_RDWR);
  },

  checkFinish: checkFinishDevice,

  finish(_machine, luoFile) {
    luoFile.record.device.arrived_as = undefined;
  },
});

function checkFinishDevice(
  { profile }: Machine,
  { state, record }: LuoFile<PreservedDevice>,
): Refused | undefined {
  const errno = profile.finish.with_unbound_device;
  if (errno === undefined) return undefined;
  const { name } = record.device;
  if (state !== "retrieved") return { errno, why: `${name} was not retrieved` };
  return record.bound ? undefined : { errno, why: `${name} was not bound after it was retrieved` };
}
