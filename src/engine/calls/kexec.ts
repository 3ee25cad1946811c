import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { checkSerialize, serialize } from "../liveupdate/serialize.js";
import type { Machine } from "../machine.js";

/** An image for kexec is loaded; only kexec_file_load hands memory over. */
export function kexecLoad(machine: Machine, event: EventOf<"kexec_load">): Outcome {
  if (event.ret === undefined || event.ret === 0) machine.liveUpdate.kexecImage = event.how;
  return machine.observe(event);
}

/**
 * reboot(2). A kexec freezes and serializes all sessions first; a file that refuses makes the call
 * fail. After that the call cannot fail any more, and it does not return.
 *
 * @source kernel_kexec, kernel/kexec_core.c and liveupdate_reboot, luo_core.c (v7.3.4)
 */
export function reboot(machine: Machine, event: EventOf<"reboot">): Outcome {
  const call = new Call(machine, machine.nobody, event);
  if (event.cmd !== "kexec" || !machine.liveUpdate.enabled) {
    call.unjudged();
    return call;
  }
  const refused = checkSerialize(machine);
  if (refused !== undefined) {
    call.reject(refused.errno, refused.why);
    if (event.never_returned === true) call.claim("never_returned", false);
    serialize(machine, event.never_returned === true ? "jump" : "may_fail");
  } else if (call.accept()) serialize(machine, "jump");
  return call;
}
