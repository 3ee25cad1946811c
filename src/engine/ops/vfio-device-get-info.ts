import { VFIO_DEVICE_GET_INFO } from "../abi/vfio.js";
import { argszOf, checkArgument, isWritable } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import { IRQ_INDEXES, type PciDevice } from "../vfio/pci-device.js";
import { defineOp } from "./define.js";

const FLAG_RESET = 1;
const FLAG_PCI = 2;
const PCI_REGIONS = 9;

/** VFIO_DEVICE_GET_INFO: what kind of device it is and how many regions and interrupts it has. */
export const vfioDeviceGetInfo = defineOp({
  layout: VFIO_DEVICE_GET_INFO,
  source: "vfio_pci_ioctl_get_info, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)",
  support: { level: "partial", missing: "capabilities, and regions of drivers that add some" },
  adopts: { flags: "whether the device can be reset, where nothing has told yet" },
  execute(call) {
    if (!checkArgument(call)) return;
    if (!isWritable(call, 0, Math.min(argszOf(call), call.layout.length_bytes))) {
      call.reject("EFAULT", "the answer cannot be written");
      return;
    }
    const device = deviceOf(call);
    if (!call.accept()) return;
    if (device.resettable === undefined) {
      const flags = call.adoptField("flags", FLAG_PCI | FLAG_RESET);
      device.resettable = (flags & FLAG_RESET) !== 0;
    }
    call.write({
      flags: flagsOf(device),
      num_regions: PCI_REGIONS,
      num_irqs: IRQ_INDEXES,
      cap_offset: 0,
      pad: 0,
    });
  },
});

function flagsOf(device: PciDevice): number {
  return device.resettable === false ? FLAG_PCI : FLAG_PCI | FLAG_RESET;
}
