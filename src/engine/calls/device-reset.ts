import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** A device was reset by something other than its descriptor: sysfs, the driver, a boot. */
export function deviceReset(machine: Machine, event: EventOf<"device_reset">): Outcome {
  machine.devices.find(event.device)?.reset(machine);
  return machine.observe(event);
}
