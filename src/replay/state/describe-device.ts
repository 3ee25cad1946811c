/** Devices in a state document, and the domains that a live update brought back for them. */

import type { HardwareDevice } from "../../engine/iommufd/hardware-device.js";
import type { TableRun } from "../../engine/liveupdate/domain-table.js";
import type { LuoFile } from "../../engine/liveupdate/luo-file.js";
import type { RestoredDomain } from "../../engine/liveupdate/restored-domain.js";
import type { PciDevice } from "../../engine/vfio/pci-device.js";
import { describeContents } from "./describe-contents.js";
import { FILES } from "./describe-file.js";
import { memoryName } from "./describe-memory.js";
import { hexText, type Naming, onlyIf, type Section } from "./naming.js";
import { LazyList, type StateObject } from "./state-value.js";

/** Offsets inside a device have 32 bits. */
const DEVICE_MEMORY_BYTES = 0x1_0000_0000n;

export const DEVICES: Section<PciDevice> = {
  key: "devices",
  prefix: "device",
  describe: (device, naming) => {
    const { group } = device.hardware;
    return {
      title: deviceTitle(device.hardware, naming),
      cdev: device.cdev,
      group: device.group_number,
      open_count: device.open_count,
      bus_master: device.bus_master,
      decoding: device.decoding,
      armed_irqs: [...device.armed].sort((a, b) => a - b),
      bound_through: device.bound_through,
      preserved: onlyIf(device.preserved_as !== undefined),
      preserved_devices_of_group:
        group.preserved_devices === 0 ? undefined : group.preserved_devices,
      arrived_as: device.arrived_as && ownerText(device.arrived_as),
      translation_lost: onlyIf(device.hardware.translation_lost),
      restored_domain: group.restored && naming.name(DOMAINS, group.restored),
      reserved_for: group.reserved_for && ownerText(group.reserved_for),
      memory: device.memory && describeContents(device.memory, DEVICE_MEMORY_BYTES).contents,
    };
  },
};

/** Domains of the kernel before, as they arrived. */
export const DOMAINS: Section<RestoredDomain> = {
  key: "restored_domains",
  prefix: "restored domain",
  describe: (domain, naming) => {
    const { runs } = domain.table;
    for (const run of runs) memoryName(run.memory, naming);
    return {
      token: hexText(domain.token),
      devices: [...domain.devices.values()].sort(),
      attached: domain.attached,
      preserved_in: ownerText(domain.iommufd),
      iommufd: domain.iommufd.file && naming.name(FILES, domain.iommufd.file),
      table: new LazyList(function* () {
        for (const run of runs) yield describeRun(run, naming);
      }),
    };
  },
};

function describeRun(run: TableRun, naming: Naming): StateObject {
  return {
    first: hexText(run.first),
    last: hexText(run.last),
    rights: `${run.readable ? "r" : ""}${run.writable ? "w" : ""}`,
    memory: memoryName(run.memory, naming),
    offset: hexText(run.offset),
    preserved: run.preserved,
  };
}

type Owner = Pick<LuoFile, "token" | "session">;

/** `token 0x2 of session "vm7"`. */
function ownerText({ token, session }: Owner): string {
  return `token ${hexText(token)} of session "${session.name}"`;
}

/**
 * The PCI address of a device where it is known, else the name it was opened by. Mock devices are
 * told apart by number only, and the number counts everything that was made before.
 */
export function deviceTitle(hardware: HardwareDevice, { machine }: Naming): string {
  const device = machine.devices.entries().find((entry) => entry.hardware === hardware);
  return device?.bdf ?? device?.cdev ?? hardware.name.replace(/\d+$/, "");
}
