import type { Outcome } from "../call/outcome.js";
import type { EventOf, MachineFacts } from "../event/index.js";
import type { KernelConfig } from "../kernel-config.js";
import type { Machine } from "../machine.js";
import { learnDeviceFacts } from "../vfio/learn-facts.js";

/** What a trace states about the machine, in its header or on the way. */
export function machineFacts(machine: Machine, event: EventOf<"machine">): Outcome {
  learnMachineFacts(machine, event.facts);
  const process = event.pid === undefined ? undefined : machine.processes.get(event.pid);
  const { rlimit_nofile, rlimit_memlock } = event.facts;
  if (process !== undefined && rlimit_nofile !== undefined) process.rlimit_nofile = rlimit_nofile;
  if (process !== undefined && rlimit_memlock !== undefined) {
    process.rlimit_memlock = rlimit_memlock;
  }
  return machine.observe(event);
}

/** Takes over facts about memory and devices. */
export function learnMachineFacts(machine: Machine, facts: MachineFacts): void {
  if (facts.page_size !== undefined) {
    machine.unsettled.settleAll();
    machine.page_size = BigInt(facts.page_size);
    machine.page_bytes = facts.page_size;
  }
  if (facts.kernel_config !== undefined) {
    machine.config = { ...machine.config, ...(facts.kernel_config as Partial<KernelConfig>) };
  }
  learnDeviceFacts(machine.devices, facts);
  if (facts.memory_bytes !== undefined) machine.memory_bytes = facts.memory_bytes;
  if (facts.cpu_stores_recorded !== undefined) {
    machine.cpu_stores_recorded = facts.cpu_stores_recorded;
  }
}
