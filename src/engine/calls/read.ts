/** read(2) and pread(2): a table from the kind of file to what reading it does. */

import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { FileKind } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import { readFaultQueue, readVeventq } from "./eventq-transfer.js";
import { readMemfd } from "./memfd-transfer.js";
import { readVfioDevice } from "./transfer-vfio.js";

/** Predicts the result and what the call changes. */
export type ReadFile = (call: Call<EventOf<"read" | "pread">>, file: OpenFile) => void;

/** Reading a kind that is not listed is not claimed. */
const READERS: Partial<Record<FileKind, ReadFile>> = {
  fault_queue: readFaultQueue,
  memfd: readMemfd,
  veventq: readVeventq,
  vfio_device: readVfioDevice,
};

export function read(machine: Machine, event: EventOf<"read" | "pread">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const file = process.fds.getUsable(event.fd);
  const reader = file === undefined ? undefined : READERS[file.object.kind];
  if (file === undefined || reader === undefined) call.unjudged();
  else reader(call, file);
  return call;
}
