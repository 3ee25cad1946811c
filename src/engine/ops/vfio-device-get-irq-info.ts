import { VFIO_DEVICE_GET_IRQ_INFO } from "../abi/vfio.js";
import { checkArgument, isWritable } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import { IRQ_INDEXES } from "../vfio/pci-device.js";
import { defineOp } from "./define.js";

/** VFIO_DEVICE_GET_IRQ_INFO: abilities and number of vectors of one kind of interrupt. */
export const vfioDeviceGetIrqInfo = defineOp({
  layout: VFIO_DEVICE_GET_IRQ_INFO,
  source: "vfio_pci_ioctl_get_irq_info, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)",
  support: { level: "full" },
  adopts: {
    flags: "a property of the device; the first answer predicts the later ones",
    count: "a property of the device; the first answer predicts the later ones",
  },
  execute(call) {
    if (!checkArgument(call)) return;
    const { index } = call.args;
    if (index >= IRQ_INDEXES) {
      call.reject("EINVAL", `there is no interrupt index ${index}`);
      return;
    }
    if (!isWritable(call, 0, call.layout.length_bytes)) {
      call.reject("EFAULT", "the answer cannot be written");
      return;
    }
    if (!call.accept()) return;
    const device = deviceOf(call);
    let irq = device.irqs.get(index);
    if (irq === undefined) {
      irq = { flags: call.adoptField("flags", 0), count: call.adoptField("count", 0) };
      device.irqs.set(index, irq);
    }
    call.write({ flags: irq.flags, count: irq.count });
  },
});
