import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** Somebody outside the recorded calls switched a device's bus mastering. */
export function busMaster(machine: Machine, event: EventOf<"bus_master">): Outcome {
  machine.devices.find(event.device)?.observeBusMaster(machine, event.enabled);
  return machine.observe(event);
}
