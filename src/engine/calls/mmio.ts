import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/**
 * A load or store of the CPU to a BAR. What registers mean is the device's own business; a transfer
 * they start is an event of its own.
 */
export function mmio(machine: Machine, event: EventOf<"mmio">): Outcome {
  return machine.observe(event);
}
