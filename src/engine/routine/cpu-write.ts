/** Stores of the CPU whose bytes the trace does not hold, in a file that a descriptor names. */

import type { Machine } from "../machine.js";
import { memfdAt } from "../memory/memfd-fd.js";
import type { RoutineCall } from "./routine-call.js";

/** Whether the store is routine: a known process, a known memfd. Changes nothing. */
export function prepareCpuWrite(machine: Machine, call: RoutineCall): boolean {
  const process = machine.processes.get(call.pid);
  const file = process === undefined ? undefined : memfdAt(process, call.fd);
  if (file === undefined || call.address + call.length > Number.MAX_SAFE_INTEGER / 2) return false;
  call.memfd = file.memfd;
  return true;
}

/** Carries out what `prepareCpuWrite` found to be routine. */
export function commitCpuWrite(_machine: Machine, { memfd, address, length }: RoutineCall): void {
  memfd?.pages.storeUnknown(address, length);
}
