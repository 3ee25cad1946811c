/** write(2) and pwrite(2): a table from the kind of file to what writing to it does. */

import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { writeFailNth } from "../file/fail-nth-file.js";
import type { FileKind } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import { writeFaultQueue, writeVeventq } from "./eventq-transfer.js";
import { writeMemfd } from "./memfd-transfer.js";
import { writeVfioDevice } from "./transfer-vfio.js";

/** Predicts the result and what the call changes. */
export type WriteFile = (call: Call<EventOf<"write" | "pwrite">>, file: OpenFile) => void;

/** Writing to a kind that is not listed is not claimed. */
const WRITERS: Partial<Record<FileKind, WriteFile>> = {
  fault_queue: writeFaultQueue,
  memfd: writeMemfd,
  veventq: writeVeventq,
  vfio_device: writeVfioDevice,
  fail_nth: writeFailNth,
};

export function write(machine: Machine, event: EventOf<"write" | "pwrite">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const file = process.fds.getUsable(event.fd);
  const writer = file === undefined ? undefined : WRITERS[file.object.kind];
  if (file === undefined || writer === undefined) call.unjudged();
  else writer(call, file);
  return call;
}
