import { VFIO_DEVICE_GET_IRQ_INFO } from "../abi/vfio.js";
import { checkArgument, isWritable } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import { IRQ_INDEXES } from "../vfio/pci-device.js";
import { defineOp } from "./define.js";

const EVENTFD = 1;
const MASKABLE = 2;
const AUTOMASKED = 4;
const NORESIZE = 8;
/** What each kind of interrupt can do: INTx, MSI, MSI-X (it depends), error, request. */
const FLAGS: readonly (number | undefined)[] = [
  EVENTFD | MASKABLE | AUTOMASKED,
  EVENTFD | NORESIZE,
  undefined,
  EVENTFD | NORESIZE,
  EVENTFD | NORESIZE,
];
/** There is one error interrupt and one request interrupt. */
const FIRST_SINGLE = 3;

/** VFIO_DEVICE_GET_IRQ_INFO: abilities and number of vectors of one kind of interrupt. */
export const vfioDeviceGetIrqInfo = defineOp({
  layout: VFIO_DEVICE_GET_IRQ_INFO,
  source: "vfio_pci_ioctl_get_irq_info, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)",
  support: { level: "full" },
  adopts: {
    flags: "of MSI-X: whether vectors can be added; the first answer predicts the later ones",
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
      const flags = FLAGS[index] ?? call.adoptField("flags", 0);
      const count = index >= FIRST_SINGLE ? 1 : call.adoptField("count", 0);
      irq = { flags, count };
      device.irqs.set(index, irq);
    }
    call.write({ flags: irq.flags, count: irq.count });
  },
});
