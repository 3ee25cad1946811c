import { LIVEUPDATE_SESSION_GET_NAME } from "../abi/liveupdate.js";
import { assert } from "../assert.js";
import { LuoSession } from "../liveupdate/session.js";
import { defineOp } from "./define.js";

const WORD_BYTES = 8;

/**
 * The session's name. The kernel copies it in words of 8 bytes, up to the one that holds the NUL;
 * the caller's bytes behind that word stay.
 */
export const luoGetName = defineOp({
  layout: LIVEUPDATE_SESSION_GET_NAME,
  source: "luo_session_get_name, kernel/liveupdate/luo_session.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const session = call.file.object;
    assert(session instanceof LuoSession, "a session descriptor has a session");
    if (call.args.reserved !== 0) return call.reject("EINVAL", "reserved is not 0");
    const words = Math.floor(session.name.length / WORD_BYTES) + 1;
    const copied = session.name.padEnd(words * WORD_BYTES, "\0");
    call.respond({ name: copied + call.args.name.slice(copied.length) });
  },
});
