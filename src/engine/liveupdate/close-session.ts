import type { Machine } from "../machine.js";
import { finishSession, firstUnfinished } from "./finish.js";
import type { LuoSession } from "./session.js";

/**
 * The last descriptor of a session is closed. Before the kexec everything is unpreserved; after it,
 * this is a FINISH, and when that is refused the session is stuck.
 *
 * @source luo_session_release, kernel/liveupdate/luo_session.c (v7.3.4)
 */
export function closeSession(machine: Machine, session: LuoSession): void {
  switch (session.state) {
    case "out":
      unpreserveAll(machine, session);
      machine.liveUpdate.outgoing.delete(session.name);
      gone(machine, session);
      return;
    case "in_open":
    case "in_empty":
      closeIncoming(machine, session);
      return;
    default:
      // Frozen: the close blocks until the machine jumps. The others have no descriptor.
      return;
  }
}

function closeIncoming(machine: Machine, session: LuoSession): void {
  const refused = firstUnfinished(machine, session);
  if (refused !== undefined) {
    session.state = "in_stuck";
    const refused_by = refused.luoFile;
    machine.emit({ kind: "session_finish_refused", session, how: "implicit", refused_by });
    machine.emit({ kind: "session_stuck", session, refused_by });
    return;
  }
  if (session.state === "in_open") finishSession(machine, session, "implicit");
  machine.liveUpdate.incoming.delete(session.name);
  gone(machine, session);
}

function gone(machine: Machine, session: LuoSession): void {
  session.state = "gone";
  machine.emit({ kind: "session_closed", session });
}

/** Last preserved, first released. */
function unpreserveAll(machine: Machine, session: LuoSession): void {
  for (const luoFile of [...session.files.values()].reverse()) {
    luoFile.handler.unpreserve(machine, luoFile);
    luoFile.state = "unpreserved";
    session.files.delete(luoFile.token);
    machine.liveUpdate.preserved.delete(luoFile.handler.identity(luoFile.source));
    machine.emit({ kind: "file_unpreserved", session, luo_file: luoFile });
    luoFile.file?.put(machine);
    luoFile.file = undefined;
  }
}
