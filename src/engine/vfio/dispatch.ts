/** ioctl(2) on VFIO device and group descriptors. The request must match as a whole. */

import { Call } from "../call/call.js";
import { IoctlCall } from "../call/ioctl-call.js";
import type { Outcome } from "../call/outcome.js";
import type { IoctlEvent } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import { requestOf } from "../iommufd/dispatch.js";
import type { Machine } from "../machine.js";
import type { IoctlOp } from "../ops/define.js";
import { VFIO_CDEV_OPS, VFIO_DEVICE_OPS, VFIO_GROUP_OPS } from "../ops/vfio.js";
import type { Process } from "../process/process.js";
import { VfioDeviceFile } from "./device-file.js";

/**
 * What vfio-pci serves and the model does not: GET_PCI_HOT_RESET_INFO and PCI_HOT_RESET, whose
 * numbers mean something else on a container, and IOEVENTFD.
 */
const UNMODELLED_REQUESTS: ReadonlySet<number> = new Set([0x3b70, 0x3b71, 0x3b74]);
const BIND = "VFIO_DEVICE_BIND_IOMMUFD";

/**
 * Before BIND every other request is EINVAL, known or not. BIND itself, and attaching, belong to
 * the cdev; on a descriptor from a group the driver does not know them.
 *
 * @source vfio_device_fops_unl_ioctl, drivers/vfio/vfio_main.c (v7.3.4)
 */
export function dispatchVfioDevice(
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  file: OpenFile,
): Outcome {
  const { object } = file;
  const granted = object instanceof VfioDeviceFile && object.access_granted;
  const isCdev = object instanceof VfioDeviceFile && object.path === "cdev";
  if (!granted && event.op !== BIND) {
    const call = new Call(machine, process, event);
    call.reject("EINVAL", "the device is not bound");
    return call;
  }
  if (UNMODELLED_REQUESTS.has(requestOf(machine, event))) {
    const call = new Call(machine, process, event);
    call.unmodelled("hot resets and ioeventfds are not modelled");
    return call;
  }
  const cdevOp = isCdev || event.op === BIND ? VFIO_CDEV_OPS.get(event.op) : undefined;
  return run(machine, process, event, file, cdevOp ?? VFIO_DEVICE_OPS.get(event.op));
}

/** @source vfio_group_fops_unl_ioctl, drivers/vfio/group.c (v7.3.4) */
export function dispatchVfioGroup(
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  file: OpenFile,
): Outcome {
  return run(machine, process, event, file, VFIO_GROUP_OPS.get(event.op));
}

function run(
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  file: OpenFile,
  op: IoctlOp | undefined,
): Outcome {
  if (op === undefined) {
    const call = new Call(machine, process, event);
    call.reject("ENOTTY", "no such request");
    return call;
  }
  const call = new IoctlCall(machine, process, event, file, op.layout, op.adopts);
  op.execute(call);
  if (call.errno !== undefined && call.observedSuccess) op.follow?.(call);
  return call;
}
