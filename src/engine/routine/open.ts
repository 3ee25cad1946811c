/** open(2) of a file that the model does not look into, and the close of such a file. */

import { assert } from "../assert.js";
import { O_CLOEXEC } from "../call/call.js";
import { PCI_FOLDER } from "../calls/open.js";
import { OtherFile } from "../file/file-object.js";
import { openerOf } from "../file/openers.js";
import type { Machine } from "../machine.js";
import type { RoutineCall } from "./routine-call.js";

/** Whether the open is routine: a known process, a number that is free. Changes nothing. */
export function prepareOpen(machine: Machine, call: RoutineCall): boolean {
  const { path } = call;
  const process = machine.processes.get(call.pid);
  if (process === undefined || process.fds.get(call.fd) !== undefined) return false;
  if (openerOf(path) !== undefined || path.startsWith(PCI_FOLDER)) return false;
  call.process = process;
  return true;
}

/** Carries out what `prepareOpen` found to be routine. */
export function commitOpen(machine: Machine, { process, path, fd, flags }: RoutineCall): void {
  assert(process !== undefined, "the call was prepared");
  const file = machine.newFile(new OtherFile(path), flags);
  process.fds.install(machine, fd, file, (flags & O_CLOEXEC) !== 0);
}

/** Whether the close is routine: nothing but the number goes. Changes nothing. */
export function prepareClose(machine: Machine, call: RoutineCall): boolean {
  const process = machine.processes.get(call.pid);
  if (process?.fds.get(call.fd)?.object.kind !== "other") return false;
  call.process = process;
  return true;
}

/** Carries out what `prepareClose` found to be routine. */
export function commitClose(_machine: Machine, { process, fd }: RoutineCall): void {
  // The release of such a file does nothing, so nobody is told of it.
  process?.fds.take(fd)?.drop();
}
