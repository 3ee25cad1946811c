/** Devices in a state document. */

import type { PciDevice } from "../../engine/vfio/pci-device.js";
import type { Section } from "./naming.js";

export const DEVICES: Section<PciDevice> = {
  key: "devices",
  prefix: "device",
  describe: (device) => ({
    bdf: device.bdf,
    cdev: device.cdev,
    group: device.group_number,
    open_count: device.open_count,
    bus_master: device.bus_master,
    decoding: device.decoding,
    armed_irqs: [...device.armed].sort((a, b) => a - b),
  }),
};
