import type { Machine } from "../machine.js";
import type { Refused } from "./handler.js";
import type { LuoFile } from "./luo-file.js";
import type { LuoSession } from "./session.js";

/**
 * reboot(KEXEC) freezes all files, in the order of sessions and of files. When one refuses, those
 * before it are unfrozen and the machine runs on. Returns the refusal.
 *
 * @source luo_session_serialize, kernel/liveupdate/luo_session.c (v7.3.4)
 */
export function serialize(machine: Machine): Refused | undefined {
  const sessions = [...machine.liveUpdate.outgoing.values()];
  for (const [index, session] of sessions.entries()) {
    const refused = freezeSession(machine, session);
    if (refused === undefined) continue;
    for (const earlier of sessions.slice(0, index).reverse()) {
      unfreeze(machine, earlier, [...earlier.files.values()]);
    }
    return refused;
  }
  machine.liveUpdate.serialized = true;
  for (const session of sessions) session.state = "out_frozen";
  machine.emit({ kind: "serialized", sessions });
  return undefined;
}

function freezeSession(machine: Machine, session: LuoSession): Refused | undefined {
  const files = [...session.files.values()];
  for (const [index, luoFile] of files.entries()) {
    const refused = luoFile.handler.checkFreeze(machine, luoFile);
    if (refused === undefined) {
      luoFile.handler.freeze(machine, luoFile);
      luoFile.state = "frozen";
      continue;
    }
    const { errno } = refused;
    machine.emit({ kind: "serialize_failed", session, luo_file: luoFile, errno });
    unfreeze(machine, session, files.slice(0, index));
    return refused;
  }
  return undefined;
}

function unfreeze(machine: Machine, session: LuoSession, files: readonly LuoFile[]): void {
  session.state = "out";
  for (const luoFile of files) {
    luoFile.handler.unfreeze(machine, luoFile);
    luoFile.state = "preserved";
  }
}
