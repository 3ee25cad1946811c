import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

const VFIO_DRIVER = "vfio-pci";

/** A driver came to a device: with vfio-pci user space can open it. */
export function driverBind(machine: Machine, event: EventOf<"driver_bind">): Outcome {
  if (isDone(event) && event.driver === VFIO_DRIVER) machine.devices.bindDriver(event.device);
  return machine.observe(event);
}

/** A driver left a device. */
export function driverUnbind(machine: Machine, event: EventOf<"driver_unbind">): Outcome {
  if (isDone(event) && event.driver === VFIO_DRIVER) machine.devices.unbindDriver(event.device);
  return machine.observe(event);
}

function isDone(event: EventOf<"driver_bind" | "driver_unbind">): boolean {
  return event.ret === undefined || event.ret === 0;
}
