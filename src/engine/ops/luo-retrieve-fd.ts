import { LIVEUPDATE_SESSION_RETRIEVE_FD } from "../abi/liveupdate.js";
import { assert } from "../assert.js";
import { O_RDWR } from "../call/call.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { OtherFile } from "../file/file-object.js";
import { hasFreeFd } from "../file/free-fd.js";
import type { LuoFile } from "../liveupdate/luo-file.js";
import { retrieveFile } from "../liveupdate/retrieve.js";
import { LuoSession } from "../liveupdate/session.js";
import { defineOp } from "./define.js";

/** A descriptor for a file of a session that arrived. Once is done, more give the same file. */
export const luoRetrieveFd = defineOp({
  layout: LIVEUPDATE_SESSION_RETRIEVE_FD,
  source: "luo_retrieve_file, kernel/liveupdate/luo_file.c (v7.3.4)",
  support: { level: "full" },
  adopts: { fd: "descriptor numbers depend on calls that are not recorded" },
  execute(call) {
    const { machine } = call;
    const session = call.file.object;
    assert(session instanceof LuoSession, "a session descriptor has a session");
    if (!hasFreeFd(call)) return;
    const luoFile = session.files.get(call.args.token);
    if (luoFile === undefined) {
      if (session.from_snapshot && call.observedSuccess) return giveUnknown(call);
      return call.reject("ENOENT", "the session has no such token");
    }
    if (luoFile.retrieve_errno !== undefined) {
      return call.reject(luoFile.retrieve_errno, "the first retrieve failed; it is never retried");
    }
    const again = luoFile.state === "retrieved";
    const refused = again ? undefined : luoFile.handler.checkRetrieve(machine, luoFile);
    if (refused !== undefined) {
      call.reject(refused.errno, refused.why);
      if (call.observedSuccess) {
        give(call, luoFile, again);
        return;
      }
      luoFile.state = "failed";
      luoFile.retrieve_errno = refused.errno;
      machine.emit({ kind: "retrieve_failed", session, luo_file: luoFile, errno: refused.errno });
      return;
    }
    // Without memory for the answer the file counts as retrieved all the same, only the descriptor
    // is not given out.
    if (call.canWriteBack() ? !call.accept() : call.observedSuccess) return;
    give(call, luoFile, again);
  },
});

/** A file that went into its session before the trace began: nobody knows what it is. */
function giveUnknown(call: IoctlCall<typeof LIVEUPDATE_SESSION_RETRIEVE_FD>): void {
  call.unjudged();
  const unknown = new OtherFile("a file that was preserved before the trace began");
  const file = call.machine.newFile(unknown, O_RDWR);
  call.adoptField("fd", call.installFile(call.observedFd("fd"), file, true));
}

function give(
  call: IoctlCall<typeof LIVEUPDATE_SESSION_RETRIEVE_FD>,
  luoFile: LuoFile,
  again: boolean,
): void {
  const { machine, process } = call;
  const { session } = luoFile;
  const file = retrieveFile(machine, luoFile);
  let fd: number | undefined;
  if (call.canWriteBack()) {
    fd = call.installFile(call.observedFd("fd"), file, true);
    call.adoptField("fd", fd);
  } else call.writeBack({});
  machine.emit({ kind: "file_retrieved", session, luo_file: luoFile, process, fd, file, again });
}
