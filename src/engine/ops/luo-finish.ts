import { LIVEUPDATE_SESSION_FINISH } from "../abi/liveupdate.js";
import { assert } from "../assert.js";
import { finishSession, firstUnfinished } from "../liveupdate/finish.js";
import { LuoSession } from "../liveupdate/session.js";
import { defineOp } from "./define.js";

/**
 * Ends the restore of a session: files that were retrieved become ordinary ones, the rest is
 * discarded. It stays done when the struct cannot be written back.
 */
export const luoFinish = defineOp({
  layout: LIVEUPDATE_SESSION_FINISH,
  source: "luo_session_finish, kernel/liveupdate/luo_session.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { machine } = call;
    const session = call.file.object;
    assert(session instanceof LuoSession, "a session descriptor has a session");
    if (call.args.reserved !== 0) return call.reject("EINVAL", "reserved is not 0");
    const refused = firstUnfinished(machine, session);
    if (refused !== undefined) {
      call.reject("EBUSY", refused.refused.why);
      if (call.observedSuccess) {
        // The kernel did not mind: its files are finished as they are.
        if (session.state === "in_open") finishSession(machine, session, "explicit");
        return;
      }
      const refused_by = refused.luoFile;
      machine.emit({ kind: "session_finish_refused", session, how: "explicit", refused_by });
      return;
    }
    const writable = call.canWriteBack();
    if (writable ? !call.accept() : call.observedFailure && call.observedErrno !== "EFAULT") return;
    if (session.state === "in_open") finishSession(machine, session, "explicit");
    call.writeBack({});
  },
});
