import type { Machine } from "../machine.js";
import type { Refused } from "./handler.js";
import type { LuoFile } from "./luo-file.js";
import type { LuoSession } from "./session.js";

/** The first file, in the order preserved, that cannot finish yet. */
export function firstUnfinished(
  machine: Machine,
  session: LuoSession,
): { luoFile: LuoFile; refused: Refused } | undefined {
  for (const luoFile of session.files.values()) {
    const refused = luoFile.handler.checkFinish(machine, luoFile);
    if (refused !== undefined) return { luoFile, refused };
  }
  return undefined;
}

/**
 * Finishes every file, the last preserved first. Files that were never retrieved are discarded.
 * No file may refuse any more: see firstUnfinished.
 *
 * @source luo_file_finish, kernel/liveupdate/luo_file.c (v7.3.4)
 */
export function finishSession(
  machine: Machine,
  session: LuoSession,
  how: "explicit" | "implicit",
): void {
  const files = [...session.files.values()].reverse();
  const discarded = files.filter((luoFile) => luoFile.state === "waiting");
  session.state = "in_empty";
  for (const luoFile of files) finishFile(machine, session, luoFile);
  machine.emit({ kind: "session_finished", session, how, files, discarded });
}

function finishFile(machine: Machine, session: LuoSession, luoFile: LuoFile): void {
  const discarded = luoFile.state === "waiting";
  luoFile.handler.finish(machine, luoFile);
  luoFile.state = "finished";
  session.files.delete(luoFile.token);
  machine.emit({ kind: "file_finished", session, luo_file: luoFile, discarded });
  const { file } = luoFile;
  if (file === undefined) return;
  machine.liveUpdate.preserved.delete(luoFile.handler.identity(file));
  luoFile.file = undefined;
  file.put(machine);
}
