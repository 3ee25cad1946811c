/**
 * What VFIO_DEVICE_SET_IRQS makes of each kind of interrupt.
 *
 * @source vfio_pci_set_irqs_ioctl, drivers/vfio/pci/vfio_pci_intrs.c (v7.3.4)
 */

import type { Errno } from "../errno.js";
import { OtherFile } from "../file/file-object.js";
import type { Process } from "../process/process.js";
import type { PciDevice } from "./pci-device.js";

export const IRQ_DATA_NONE = 1;
export const IRQ_DATA_BOOL = 2;
export const IRQ_DATA_EVENTFD = 4;
export const IRQ_DATA_MASK = 7;
export const IRQ_ACTION_MASK = 0x38;
const ACTION_MASK_IRQ = 8;
const ACTION_UNMASK_IRQ = 0x10;
const ACTION_TRIGGER = 0x20;

const INTX = 0;
const MSIX = 2;

/** A request whose header passed the common checks. */
export interface SetIrqs {
  readonly device: PciDevice;
  readonly process: Process;
  readonly index: number;
  readonly start: number;
  readonly count: number;
  /** One of the DATA flags. */
  readonly data: number;
  readonly action: number;
  /** Descriptors of eventfds, or -1 to take one away; as many as the trace holds. */
  readonly fds: readonly number[];
}

/** Why the driver refuses the request; nothing changes. */
export function checkSetIrqs(request: SetIrqs): Errno | undefined {
  const { index, action } = request;
  if (index === INTX && (action === ACTION_MASK_IRQ || action === ACTION_UNMASK_IRQ)) {
    return checkIntxMask(request);
  }
  if (action !== ACTION_TRIGGER) return "ENOTTY";
  if (index === INTX) return checkIntxTrigger(request);
  return index <= MSIX ? checkMsiTrigger(request) : checkSingleTrigger(request);
}

/** The changes of a request that passed. */
export function applySetIrqs({ device, index, count, data, action, fds }: SetIrqs): void {
  if (action !== ACTION_TRIGGER) return;
  if (data === IRQ_DATA_NONE && count === 0) device.armed.delete(index);
  if (data !== IRQ_DATA_EVENTFD) return;
  const single = index > MSIX;
  if (single && fds[0] === -1) device.armed.delete(index);
  else device.armed.add(index);
}

/** INTx, MSI and MSI-X exclude each other. */
function isOtherArmed({ device, index }: SetIrqs): boolean {
  return [...device.armed].some((armed) => armed <= MSIX && armed !== index);
}

function checkIntxMask({ device, start, count, data, action, fds }: SetIrqs): Errno | undefined {
  if (!device.armed.has(INTX) || start !== 0 || count !== 1) return "EINVAL";
  if (data !== IRQ_DATA_EVENTFD) return undefined;
  if (action === ACTION_MASK_IRQ) return "ENOTTY";
  return fds[0] === undefined || fds[0] >= 0 ? undefined : "EBADF";
}

function checkIntxTrigger(request: SetIrqs): Errno | undefined {
  const { device, start, count, data } = request;
  const armed = device.armed.has(INTX);
  if (armed && count === 0 && data === IRQ_DATA_NONE) return undefined;
  if (isOtherArmed(request) || start !== 0 || count !== 1) return "EINVAL";
  if (data === IRQ_DATA_EVENTFD) return checkEventfds(request);
  return armed ? undefined : "EINVAL";
}

function checkMsiTrigger(request: SetIrqs): Errno | undefined {
  const { device, index, count, data } = request;
  const armed = device.armed.has(index);
  if (armed && count === 0 && data === IRQ_DATA_NONE) return undefined;
  if (isOtherArmed(request)) return "EINVAL";
  if (data === IRQ_DATA_EVENTFD) return checkEventfds(request);
  return armed ? undefined : "EINVAL";
}

/** The error and request interrupts have one eventfd each. */
function checkSingleTrigger(request: SetIrqs): Errno | undefined {
  const { device, index, start, count, data } = request;
  if (start !== 0 || count > 1) return "EINVAL";
  if (data === IRQ_DATA_NONE) return device.armed.has(index) ? undefined : "EINVAL";
  if (count === 0) return "EINVAL";
  return data === IRQ_DATA_EVENTFD ? checkEventfds(request) : undefined;
}

/** EBADF for a closed number, EINVAL for a file that is no eventfd. */
function checkEventfds({ process, fds }: SetIrqs): Errno | undefined {
  for (const fd of fds) {
    if (fd < 0) continue;
    const object = process.fds.getUsable(fd)?.object;
    if (object === undefined) return "EBADF";
    // A descriptor whose making the trace did not show may be an eventfd.
    if (!(object instanceof OtherFile) || object.path.startsWith("/")) return "EINVAL";
  }
  return undefined;
}
