import { LIVEUPDATE_IOCTL_CREATE_SESSION } from "../abi/liveupdate.js";
import { O_CLOEXEC, O_RDWR } from "../call/call.js";
import { hasFreeFd } from "../file/free-fd.js";
import { SESSIONS_MAX } from "../liveupdate/live-update.js";
import { LuoSession } from "../liveupdate/session.js";
import { defineOp } from "./define.js";

/** A new outgoing session. Names are unique among the sessions of this kernel. */
export const luoCreateSession = defineOp({
  layout: LIVEUPDATE_IOCTL_CREATE_SESSION,
  source: "luo_ioctl_create_session, kernel/liveupdate/luo_core.c (v7.3.4)",
  support: { level: "full" },
  adopts: { fd: "descriptor numbers depend on calls that are not recorded" },
  execute(call) {
    const { machine, process } = call;
    const { outgoing } = machine.liveUpdate;
    if (!hasFreeFd(call)) return;
    const end = call.args.name.indexOf("\0");
    if (end <= 0) return call.reject("EINVAL", "the name is empty or not terminated");
    const name = call.args.name.slice(0, end);
    if (outgoing.size >= SESSIONS_MAX) return call.reject("ENOSPC", "no room for a session record");
    if (outgoing.has(name)) return call.reject("EEXIST", "an outgoing session has this name");
    if (!call.respond({})) return;
    const serial = machine.newSerial();
    const { epoch, seq } = machine;
    const lineage = machine.lineages.start("session", name);
    const session = new LuoSession(serial, name, seq, process.pid, epoch, lineage);
    outgoing.set(name, session);
    const fd = call.installFd(call.observedFd("fd"), session, O_RDWR | O_CLOEXEC);
    call.adoptField("fd", fd);
    const file = process.fds.get(fd);
    if (file !== undefined) machine.emit({ kind: "session_created", session, process, fd, file });
  },
});
