import type { Call } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import { FileObject } from "../file/file-object.js";
import { hasFreeFd } from "../file/free-fd.js";
import type { Machine } from "../machine.js";
import type { LiveUpdate } from "./live-update.js";

/** An open /dev/liveupdate. There is at most one in the whole system. */
export class LuoDevice extends FileObject {
  readonly kind = "luo_device";

  override describe(): string {
    return "/dev/liveupdate";
  }

  /** Only the exclusivity goes: sessions hang on their own descriptors. */
  override onRelease(machine: Machine): void {
    machine.liveUpdate.deviceOpen = false;
  }
}

/**
 * open(2) of /dev/liveupdate. The first open in a kernel reads what arrived; when that fails, every
 * open fails until the next reboot.
 *
 * @source luo_open, kernel/liveupdate/luo_core.c (v7.3.4)
 */
export function openLuoDevice(call: Call<EventOf<"open">>): void {
  const { machine, event } = call;
  const { liveUpdate } = machine;
  if (!hasFreeFd(call) || !checkOpen(call, liveUpdate) || !call.accept()) return;
  liveUpdate.deviceOpen = true;
  const fd = call.installFd(event.ret, new LuoDevice(), event.flags);
  call.ret = call.adopt("ret", fd, event.ret);
}

function checkOpen(call: Call, liveUpdate: LiveUpdate): boolean {
  if (!liveUpdate.enabled) call.reject("ENOENT", "this kernel runs without live update");
  else if (liveUpdate.deviceOpen) call.reject("EBUSY", "/dev/liveupdate is open");
  else {
    readIncoming(liveUpdate);
    if (liveUpdate.incomingState !== "failed") return true;
    call.reject("EIO", "what arrived could not be read, for this whole boot");
  }
  return false;
}

/** One file that no handler knows spoils all sessions. */
function readIncoming(liveUpdate: LiveUpdate): void {
  if (liveUpdate.incomingState !== "unread") return;
  const sessions = [...liveUpdate.incoming.values()];
  const known = sessions.every((session) =>
    [...session.files.values()].every(
      ({ handler }) => !liveUpdate.missingHandlers.has(handler.compatible),
    ),
  );
  liveUpdate.incomingState = known ? "read" : "failed";
  if (known) return;
  for (const session of sessions) {
    session.state = "unreachable";
    for (const luoFile of session.files.values()) luoFile.state = "lost";
  }
}
