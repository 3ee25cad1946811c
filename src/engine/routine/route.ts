/** What all routine calls on an iommufd ask first. */

import { requestByName } from "../abi/requests.js";
import { IommufdContext } from "../iommufd/context.js";
import type { Ioas } from "../iommufd/ioas.js";
import type { Machine } from "../machine.js";
import type { Process } from "../process/process.js";
import { ABSENT, ROUTINE_EVENTS, type RoutineCall } from "./routine-call.js";

const STRUCT_BYTES = {
  map: bytesOf(ROUTINE_EVENTS.map.op),
  map_file: bytesOf(ROUTINE_EVENTS.map_file.op),
  unmap: bytesOf(ROUTINE_EVENTS.unmap.op),
};

/** The calls that go to an iommufd. */
export type IommufdRoutine = keyof typeof STRUCT_BYTES;

/**
 * Finds process and IOAS of a call and notes them in it. False where the descriptor, the struct in
 * the caller's memory or the id is anything special, such as an IOAS whose mappings must stay as
 * they are.
 */
export function findRoute(machine: Machine, call: RoutineCall, kind: IommufdRoutine): boolean {
  const process = machine.processes.get(call.pid);
  const context = process?.fds.getUsable(call.fd)?.object;
  if (process === undefined || !(context instanceof IommufdContext)) return false;
  const ioas = context.findTyped<Ioas>(call.ioas_id, "IOAS");
  if (ioas === undefined || ioas.frozen) return false;
  if (call.arg !== ABSENT && !holdsStruct(process, call.arg, STRUCT_BYTES[kind])) return false;
  call.process = process;
  call.ioas = ioas;
  return true;
}

/** The struct is read before the call and written back after it. */
function holdsStruct({ mm }: Process, address: number, length_bytes: number): boolean {
  const run = mm.runAt(address);
  if (run === undefined) return false;
  return run.readable && run.writable && address + length_bytes - 1 <= run.last;
}

function bytesOf(op: string): number {
  return requestByName(op)?.layout.length_bytes ?? 0;
}
