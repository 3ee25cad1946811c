import { LIVEUPDATE_SESSION_PRESERVE_FD } from "../abi/liveupdate.js";
import { assert } from "../assert.js";
import type { FileHandler, PreserveRequest } from "../liveupdate/handler.js";
import { handlerOf } from "../liveupdate/handlers.js";
import { FILES_PER_SESSION_MAX } from "../liveupdate/live-update.js";
import { LuoFile } from "../liveupdate/luo-file.js";
import { LuoSession } from "../liveupdate/session.js";
import { defineOp } from "./define.js";

/** Puts a file into an outgoing session under a token. */
export const luoPreserveFd = defineOp({
  layout: LIVEUPDATE_SESSION_PRESERVE_FD,
  source: "luo_preserve_file, kernel/liveupdate/luo_file.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { machine, process } = call;
    const { fd, token } = call.args;
    const session = call.file.object;
    assert(session instanceof LuoSession, "a session descriptor has a session");
    const { files } = session;
    if (files.has(token)) return call.reject("EEXIST", "the session has this token");
    if (files.size >= FILES_PER_SESSION_MAX) {
      return call.reject("ENOSPC", "no room for a file record");
    }
    const file = process.fds.getUsable(fd);
    if (file === undefined) return call.reject("EBADF", `descriptor ${fd} is not open`);
    const handler = handlerOf(machine, file);
    if (handler === undefined) {
      return call.reject("ENOENT", `no handler for ${file.object.describe()}`);
    }
    const identity = handler.identity(file);
    if (machine.liveUpdate.preserved.has(identity)) {
      return call.reject("EBUSY", "the file is preserved, or retrieved and not finished");
    }
    const request = { machine, process, session, file, token, fd };
    const refused = handler.checkPreserve(request);
    if (refused !== undefined) {
      call.reject(refused.errno, refused.why);
      // A laxer kernel took it all the same: go on from there.
      if (call.observedSuccess) preserve(request, handler);
      return;
    }
    // A failure to write the answer back leaves the file preserved.
    if (call.canWriteBack() ? !call.accept() : call.observedFailure && !isFault(call)) return;
    preserve(request, handler);
    call.writeBack({});
  },
});

function preserve(request: PreserveRequest & { readonly fd: number }, handler: FileHandler): void {
  const { machine, process, session, file, token, fd } = request;
  const record = handler.preserve(request);
  const luoFile = new LuoFile(session, token, handler, record, file, machine.seq, process.pid);
  file.get();
  if (file.object.lineage !== undefined) file.object.lineage.session = session.name;
  session.files.set(token, luoFile);
  machine.liveUpdate.preserved.set(handler.identity(file), luoFile);
  machine.emit({ kind: "file_preserved", session, luo_file: luoFile, process, fd });
}

function isFault(call: { observedErrno: string | undefined }): boolean {
  return call.observedErrno === "EFAULT";
}
