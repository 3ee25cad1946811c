/** The operations of /dev/liveupdate and of session descriptors, by the low byte of the request. */

import type { IoctlOp } from "./define.js";
import { luoCreateSession } from "./luo-create-session.js";
import { luoFinish } from "./luo-finish.js";
import { luoGetName } from "./luo-get-name.js";
import { luoPreserveFd } from "./luo-preserve-fd.js";
import { luoRetrieveFd } from "./luo-retrieve-fd.js";
import { luoRetrieveSession } from "./luo-retrieve-session.js";

function byNr(ops: readonly IoctlOp[]): ReadonlyMap<number, IoctlOp> {
  return new Map(ops.map((op) => [(op.layout.request ?? 0) & 0xff, op]));
}

export const LUO_DEVICE_OPS = byNr([luoCreateSession, luoRetrieveSession]);

export const LUO_SESSION_OPS = byNr([luoPreserveFd, luoRetrieveFd, luoFinish, luoGetName]);
