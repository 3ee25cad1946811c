import { VFIO_DEVICE_SET_IRQS } from "../abi/vfio.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Errno } from "../errno.js";
import { argszOf, checkArgument } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import { IRQ_INDEXES, type PciDevice } from "../vfio/pci-device.js";
import { defineOp } from "./define.js";

const DATA_NONE = 1;
const DATA_BOOL = 2;
const DATA_EVENTFD = 4;
const DATA_MASK = 7;
const ACTION_MASK = 0x38;
const ACTION_TRIGGER = 0x20;
const U32_MAX = 0xffff_ffff;
const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  [DATA_NONE]: 0,
  [DATA_BOOL]: 1,
  [DATA_EVENTFD]: 4,
};
const INTX = 0;
const MSIX = 2;

type SetIrqsCall = IoctlCall<typeof VFIO_DEVICE_SET_IRQS>;

/** VFIO_DEVICE_SET_IRQS: connects interrupts with eventfds, masks them, or fires them. */
export const vfioDeviceSetIrqs = defineOp({
  layout: VFIO_DEVICE_SET_IRQS,
  source: "vfio_pci_ioctl_set_irqs, drivers/vfio/pci/vfio_pci_intrs.c (v7.3.4)",
  support: { level: "partial", missing: "errors of the eventfds and of vector allocation" },
  adopts: {},
  execute(call) {
    if (!checkArgument(call)) return;
    const device = deviceOf(call);
    const errno = checkHeader(call, device) ?? checkAction(call, device);
    if (errno !== undefined) {
      call.reject(errno);
      return;
    }
    if (call.accept()) arm(call, device);
  },
});

/** @source vfio_set_irqs_validate_and_prepare, drivers/vfio/vfio_main.c (v7.3.4) */
function checkHeader(call: SetIrqsCall, device: PciDevice): Errno | undefined {
  const { flags, index, start, count } = call.args;
  if (index >= IRQ_INDEXES || count >= U32_MAX - start) return "EINVAL";
  if ((flags & ~(DATA_MASK | ACTION_MASK)) !== 0) return "EINVAL";
  const vectors = device.irqs.get(index)?.count ?? device.vectors?.[index];
  if (vectors !== undefined && (start >= vectors || start + count > vectors)) return "EINVAL";
  const element = ELEMENT_BYTES[flags & DATA_MASK];
  if (element === undefined) return "EINVAL";
  if (argszOf(call) - call.layout.minimum_bytes < count * element) return "EINVAL";
  return undefined;
}

/** @source vfio_pci_set_irqs_ioctl, drivers/vfio/pci/vfio_pci_intrs.c (v7.3.4) */
function checkAction(call: SetIrqsCall, device: PciDevice): Errno | undefined {
  const { flags, index, count } = call.args;
  const action = flags & ACTION_MASK;
  if (index !== INTX && action !== ACTION_TRIGGER) return "ENOTTY";
  if (index === INTX && ((action - 1) & action) !== 0) return "ENOTTY";
  if (action === 0) return "ENOTTY";
  const none = (flags & DATA_MASK) === DATA_NONE;
  if (index > MSIX) return undefined;
  const armed = device.armed.has(index);
  const other = [...device.armed].some((one) => one <= MSIX && one !== index);
  // Tearing down what is not set up is EINVAL only for vectors of another kind.
  if (action === ACTION_TRIGGER && none && count === 0) return undefined;
  if (other) return "EINVAL";
  if (!armed && (none || action !== ACTION_TRIGGER)) return "EINVAL";
  return undefined;
}

function arm(call: SetIrqsCall, device: PciDevice): void {
  const { flags, index, count } = call.args;
  if ((flags & ACTION_MASK) !== ACTION_TRIGGER) return;
  if ((flags & DATA_MASK) === DATA_NONE && count === 0) device.armed.delete(index);
  if ((flags & DATA_MASK) === DATA_EVENTFD) device.armed.add(index);
}
