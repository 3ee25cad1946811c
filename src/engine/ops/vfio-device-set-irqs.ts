import { VFIO_DEVICE_SET_IRQS } from "../abi/vfio.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Errno } from "../errno.js";
import { argszOf, checkArgument, isReadable } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import { IRQ_INDEXES } from "../vfio/pci-device.js";
import {
  applySetIrqs,
  checkSetIrqs,
  IRQ_ACTION_MASK,
  IRQ_DATA_BOOL,
  IRQ_DATA_EVENTFD,
  IRQ_DATA_MASK,
  IRQ_DATA_NONE,
  type SetIrqs,
} from "../vfio/set-irqs.js";
import { defineOp } from "./define.js";

const U32_MAX = 0xffff_ffff;
const FD_BYTES = 4;
const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  [IRQ_DATA_NONE]: 0,
  [IRQ_DATA_BOOL]: 1,
  [IRQ_DATA_EVENTFD]: FD_BYTES,
};

type SetIrqsCall = IoctlCall<typeof VFIO_DEVICE_SET_IRQS>;

/** VFIO_DEVICE_SET_IRQS: connects interrupts with eventfds, masks them, or fires them. */
export const vfioDeviceSetIrqs = defineOp({
  layout: VFIO_DEVICE_SET_IRQS,
  source: "vfio_pci_ioctl_set_irqs, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)",
  support: { level: "partial", missing: "errors of the allocation of vectors" },
  adopts: {},
  execute(call) {
    if (!checkArgument(call)) return;
    const request = requestOf(call);
    const errno = checkHeader(call) ?? checkSetIrqs(request);
    if (errno !== undefined) call.reject(errno);
    else if (call.accept()) applySetIrqs(request);
  },
});

function requestOf(call: SetIrqsCall): SetIrqs {
  const { flags, index, start, count } = call.args;
  const data = flags & IRQ_DATA_MASK;
  const fds = data === IRQ_DATA_EVENTFD ? descriptorsOf(call, count) : [];
  const { process } = call;
  const action = flags & IRQ_ACTION_MASK;
  return { device: deviceOf(call), process, index, start, count, data, action, fds };
}

/** The descriptors behind the struct, as far as the trace holds them. */
function descriptorsOf(call: SetIrqsCall, count: number): number[] {
  const tail = call.event.tail ?? new Uint8Array(0);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const held = Math.min(count, Math.floor(tail.length / FD_BYTES));
  return Array.from({ length: held }, (_, index) => view.getInt32(index * FD_BYTES, true));
}

/** @source vfio_set_irqs_validate_and_prepare, drivers/vfio/vfio_main.c (v7.3.4) */
function checkHeader(call: SetIrqsCall): Errno | undefined {
  const { flags, index, start, count } = call.args;
  if (index >= IRQ_INDEXES || count >= U32_MAX - start) return "EINVAL";
  if ((flags & ~(IRQ_DATA_MASK | IRQ_ACTION_MASK)) !== 0) return "EINVAL";
  const device = deviceOf(call);
  const vectors = device.irqs.get(index)?.count ?? device.vectors?.[index];
  if (vectors !== undefined && (start >= vectors || start + count > vectors)) return "EINVAL";
  const element = ELEMENT_BYTES[flags & IRQ_DATA_MASK];
  if (element === undefined) return "EINVAL";
  const { minimum_bytes } = call.layout;
  if (argszOf(call) - minimum_bytes < count * element) return "EINVAL";
  const readable = isReadable(call, minimum_bytes + count * element);
  return readable ? undefined : "EFAULT";
}
