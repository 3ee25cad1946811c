/** What a boot makes of preserved domains and devices, before any process runs. */

import { assert } from "../assert.js";
import { LockedPages } from "../iommufd/backing-account.js";
import type { HardwareDevice } from "../iommufd/hardware-device.js";
import { PinRegistry } from "../iommufd/pins.js";
import type { Machine } from "../machine.js";
import { filesOf, serializeDomains } from "./domain-serialize.js";
import type { LuoFile } from "./luo-file.js";
import type { PreservedDevice, PreservedDomain } from "./preserved-domain.js";
import { RestoredDomain } from "./restored-domain.js";
import { VFIO_HANDLER } from "./vfio-handler.js";

/**
 * Devices start unbound. Where a device arrived with a domain, that domain is in front of its group
 * again, and only the iommufd it came with will be let to the group.
 *
 * @source iommu_restore_domain, drivers/iommu/iommu.c (IOMMU live update v5)
 */
export function bootDomains(machine: Machine): void {
  const incoming = [...machine.liveUpdate.incoming.values()];
  // What a kernel let into a session after it had serialized.
  serializeDomains(machine, incoming);
  // Mappings of the kernel that is gone keep what they pinned to themselves.
  machine.unsettled.settleAll();
  machine.pins = new PinRegistry(machine.unsettled);
  machine.locked = new LockedPages();
  machine.devices.startKernel(machine);
  const arrived = [...filesOf<PreservedDevice>(incoming, VFIO_HANDLER)];
  const handedOn = new Set(arrived.map(({ record }) => record.domain?.uid));
  for (const domain of machine.restoredDomains) {
    if (!handedOn.has(domain.uid)) domain.finish(machine, "kernel_gone");
  }
  machine.restoredDomains = [];
  for (const luoFile of arrived) bootDevice(machine, luoFile);
}

function bootDevice(machine: Machine, luoFile: LuoFile<PreservedDevice>): void {
  const { device, domain, iommufd } = luoFile.record;
  device.arrived_as = luoFile;
  if (domain === undefined || iommufd === undefined || !isFirst(device.hardware)) return;
  const { group } = device.hardware;
  if (group.restored !== undefined) return;
  restoredFor(machine, domain, iommufd).serve(group);
  group.reserved_for = iommufd;
  machine.emit({
    kind: "group_owner_changed",
    group,
    before: undefined,
    after: group.dma_owner,
  });
}

/** The core asks only the first device of a group whether it was preserved. */
function isFirst(hardware: HardwareDevice): boolean {
  return hardware.group.members[0] === hardware;
}

/** One domain, however many devices share the record. */
function restoredFor(machine: Machine, record: PreservedDomain, iommufd: LuoFile): RestoredDomain {
  const { table, restored } = record;
  if (restored !== undefined) return restored;
  assert(table !== undefined, "a record that arrives was written down");
  table.kexec_seq = machine.seq;
  const domain = new RestoredDomain(record, iommufd, table, machine.epoch);
  record.restored = domain;
  machine.restoredDomains.push(domain);
  machine.emit({ kind: "domain_restored", domain, session: iommufd.session });
  return domain;
}
