import type { Machine } from "../machine.js";
import { serializeDomains } from "./domain-serialize.js";
import type { Refused } from "./handler.js";
import type { LuoFile } from "./luo-file.js";
import type { LuoSession } from "./session.js";

/** The first file that would refuse to freeze, in the order of sessions and of files. */
export function checkSerialize(machine: Machine): Refused | undefined {
  for (const session of machine.liveUpdate.outgoing.values()) {
    for (const luoFile of session.files.values()) {
      const refused = luoFile.handler.checkFreeze(machine, luoFile);
      if (refused !== undefined) return refused;
    }
  }
  return undefined;
}

/**
 * reboot(KEXEC) freezes all files. When one refuses, those before it are unfrozen and the machine
 * runs on; with `jump` the machine is known to have gone on all the same.
 *
 * @source luo_session_serialize, kernel/liveupdate/luo_session.c (v7.3.4)
 */
export function serialize(machine: Machine, outcome: "may_fail" | "jump"): void {
  const sessions = [...machine.liveUpdate.outgoing.values()];
  for (const [index, session] of sessions.entries()) {
    if (freezeSession(machine, session, outcome === "jump")) continue;
    for (const earlier of sessions.slice(0, index).reverse()) {
      unfreeze(machine, [...earlier.files.values()]);
    }
    return;
  }
  machine.liveUpdate.serialized = true;
  for (const session of sessions) session.state = "out_frozen";
  serializeDomains(machine, sessions);
  machine.emit({ kind: "serialized", sessions });
}

/** False when a file refused; then the session's other files are unfrozen again. */
function freezeSession(machine: Machine, session: LuoSession, force: boolean): boolean {
  const files = [...session.files.values()];
  for (const [index, luoFile] of files.entries()) {
    const refused = force ? undefined : luoFile.handler.checkFreeze(machine, luoFile);
    if (refused !== undefined) {
      const { errno } = refused;
      machine.emit({ kind: "serialize_failed", session, luo_file: luoFile, errno });
      unfreeze(machine, files.slice(0, index));
      return false;
    }
    luoFile.handler.freeze(machine, luoFile);
    luoFile.state = "frozen";
  }
  return true;
}

function unfreeze(machine: Machine, files: readonly LuoFile[]): void {
  for (const luoFile of files) {
    luoFile.handler.unfreeze(machine, luoFile);
    luoFile.state = "preserved";
  }
}
