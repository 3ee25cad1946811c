import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** execve(2) is recorded before it runs; the new image's `process_start` proves that it worked. */
export function exec(machine: Machine, event: EventOf<"exec">): Outcome {
  machine.process(event.pid);
  return machine.observe(event);
}

/** A process appears, or its image was replaced: O_CLOEXEC descriptors and the old memory go. */
export function processStart(machine: Machine, event: EventOf<"process_start">): Outcome {
  const known = machine.processes.get(event.pid);
  const process = known ?? machine.startProcess(event.pid, undefined);
  if (known !== undefined) {
    known.mm.release();
    known.fds.closeOnExec(machine);
    known.mm = machine.newAddressSpace();
  }
  if (event.uid !== undefined) process.uid = event.uid;
  if (event.rlimit_memlock !== undefined) process.rlimit_memlock = event.rlimit_memlock;
  if (event.role !== undefined) process.role = event.role;
  if (event.comm !== undefined) process.comm = event.comm;
  return machine.observe(event);
}
