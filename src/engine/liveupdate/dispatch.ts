/**
 * ioctl(2) on /dev/liveupdate and on session descriptors: generic checks, then the operation.
 *
 * @source luo_ioctl, kernel/liveupdate/luo_core.c and luo_session_ioctl, luo_session.c (v7.3.4)
 */

import { requestByName, UNKNOWN_REQUEST } from "../abi/requests.js";
import { assert } from "../assert.js";
import { Call } from "../call/call.js";
import { checkStructSize } from "../call/front.js";
import { IoctlCall } from "../call/ioctl-call.js";
import type { Outcome } from "../call/outcome.js";
import type { IoctlEvent } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { IoctlOp } from "../ops/define.js";
import { LUO_DEVICE_OPS, LUO_SESSION_OPS } from "../ops/liveupdate.js";
import type { Process } from "../process/process.js";
import { LuoSession } from "./session.js";

const SIZE_WORD_BYTES = 4n;

/** Operations of one kind of descriptor, by the number in the low byte of the request. */
type OpsByNr = ReadonlyMap<number, IoctlOp>;

export function dispatchLuoDevice(
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  file: OpenFile,
): Outcome {
  const call = front(machine, process, event, file, LUO_DEVICE_OPS);
  if (!(call instanceof IoctlCall) || !checkStructSize(call)) return call;
  return execute(call, LUO_DEVICE_OPS);
}

export function dispatchLuoSession(
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  file: OpenFile,
): Outcome {
  const call = front(machine, process, event, file, LUO_SESSION_OPS);
  if (!(call instanceof IoctlCall)) return call;
  if (!checkDirection(call) || !checkStructSize(call)) return call;
  return execute(call, LUO_SESSION_OPS);
}

/** Up to the comparison of the request; the result is not an IoctlCall when a check decided. */
function front(
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  file: OpenFile,
  ops: OpsByNr,
): Call | IoctlCall {
  const plain = new Call(machine, process, event);
  const request = event.request ?? requestByName(event.op)?.request ?? 0;
  const op = ops.get(request & 0xff);
  if (op === undefined) plain.reject("EINVAL", "no such command");
  else if (!canReadSize(process, event)) {
    plain.reject("EFAULT", "the size word cannot be read");
  } else if (request !== op.layout.request) {
    plain.reject("ENOTTY", "the request differs from the command's in more than its number");
  } else {
    return new IoctlCall(machine, process, event, file, op.layout, op.adopts);
  }
  return plain;
}

/** A recorder reads structs of known commands only; of others the address space must tell. */
function canReadSize(process: Process, event: IoctlEvent): boolean {
  if (event.in !== null && event.in !== undefined) return true;
  const { arg, op } = event;
  return op === UNKNOWN_REQUEST && arg !== undefined && process.mm.isReadable(arg, SIZE_WORD_BYTES);
}

/** Files go into sessions of this kernel and come out of those that arrived. */
function checkDirection(call: IoctlCall): boolean {
  const session = call.file.object;
  assert(session instanceof LuoSession, "a session descriptor has a session");
  const wanted = DIRECTIONS[call.event.op];
  if (wanted === "incoming" && session.mayHaveArrived && call.observedSuccess) {
    session.turnOutArrived(call.machine);
  }
  if (wanted === undefined || (wanted === "outgoing") === session.isOutgoing) return true;
  call.reject("EINVAL", `the command needs an ${wanted} session`);
  return false;
}

const DIRECTIONS: Readonly<Record<string, "outgoing" | "incoming">> = {
  LIVEUPDATE_SESSION_PRESERVE_FD: "outgoing",
  LIVEUPDATE_SESSION_RETRIEVE_FD: "incoming",
  LIVEUPDATE_SESSION_FINISH: "incoming",
};

function execute(call: IoctlCall, ops: OpsByNr): Outcome {
  const op = ops.get((call.layout.request ?? 0) & 0xff);
  if (call.machine.liveUpdate.serialized && !call.recorded) {
    call.unjudged();
    call.decided_by = "everything is serialized: the call does not return before the jump";
    return call;
  }
  op?.execute(call);
  if (call.errno !== undefined && call.observedSuccess) op?.follow?.(call);
  return call;
}
