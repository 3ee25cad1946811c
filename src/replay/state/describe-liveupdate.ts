/** Live update in a state document: sessions, their files by token, what the kernel knows. */

import type { LiveUpdate } from "../../engine/liveupdate/live-update.js";
import type { LuoFile } from "../../engine/liveupdate/luo-file.js";
import type { LuoSession } from "../../engine/liveupdate/session.js";
import { FILES } from "./describe-file.js";
import { hexText, type Naming, type Section } from "./naming.js";
import type { StateObject } from "./state-value.js";

export const SESSIONS: Section<LuoSession> = {
  key: "sessions",
  prefix: "session",
  describe: (session, naming) => ({
    title: session.name,
    state: session.state,
    retrieved: session.retrieved,
    // In the order in which they were preserved: files are finished and released backwards.
    files: [...session.files.values()].map((file) => describeFile(file, naming)),
  }),
};

/** Facts of the running kernel's LUO; names all sessions it knows, by name. */
export function describeLiveUpdate(luo: LiveUpdate, naming: Naming): StateObject {
  const names = (sessions: ReadonlyMap<string, LuoSession>): string[] =>
    [...sessions.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((session) => naming.name(SESSIONS, session));
  return {
    enabled: luo.enabled,
    device_open: luo.deviceOpen,
    serialized: luo.serialized,
    kexec_image: luo.kexecImage,
    incoming_state: luo.incomingState,
    missing_handlers: [...luo.missingHandlers].sort(),
    outgoing: names(luo.outgoing),
    incoming: names(luo.incoming),
  };
}

function describeFile(luoFile: LuoFile, naming: Naming): StateObject {
  return {
    token: hexText(luoFile.token),
    state: luoFile.state,
    handler: luoFile.handler.compatible,
    retrieve_errno: luoFile.retrieve_errno,
    file: luoFile.file === undefined ? undefined : naming.name(FILES, luoFile.file),
  };
}
