import { LIVEUPDATE_IOCTL_RETRIEVE_SESSION } from "../abi/liveupdate.js";
import { O_CLOEXEC, O_RDWR } from "../call/call.js";
import { hasFreeFd } from "../file/free-fd.js";
import { closeSession } from "../liveupdate/close-session.js";
import { defineOp } from "./define.js";

/**
 * A descriptor for a session that arrived; once per session and kernel. When the answer cannot be
 * written, the descriptor is closed again, and that finishes the session.
 */
export const luoRetrieveSession = defineOp({
  layout: LIVEUPDATE_IOCTL_RETRIEVE_SESSION,
  source: "luo_ioctl_retrieve_session, kernel/liveupdate/luo_core.c (v7.3.4)",
  support: { level: "full" },
  adopts: { fd: "descriptor numbers depend on calls that are not recorded" },
  execute(call) {
    const { machine, process } = call;
    if (!hasFreeFd(call)) return;
    const session = machine.liveUpdate.incoming.get(call.args.name.split("\0", 1)[0] ?? "");
    if (session === undefined) return call.reject("ENOENT", "no session of this name arrived");
    if (session.retrieved) return call.reject("EINVAL", "the session was retrieved before");
    if (!call.canWriteBack()) {
      call.reject("EFAULT", "the answer cannot be written back: the session is closed again");
      if (call.observedSuccess) return;
      session.retrieved = true;
      session.state = "in_open";
      closeSession(machine, session);
      return;
    }
    if (!call.accept()) return;
    session.retrieved = true;
    session.state = "in_open";
    const fd = call.installFd(call.observedFd("fd"), session, O_RDWR | O_CLOEXEC);
    call.adoptField("fd", fd);
    const file = process.fds.get(fd);
    if (file !== undefined) machine.emit({ kind: "session_retrieved", session, process, fd, file });
  },
});
