/** read and write on VFIO device descriptors, for the tables of read.ts and write.ts. */

import type { Call } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import { transferRegion } from "../vfio/region-access.js";

export function readVfioDevice(call: Call<EventOf<"read" | "pread">>, file: OpenFile): void {
  transferRegion(call, file, false);
}

export function writeVfioDevice(call: Call<EventOf<"write" | "pwrite">>, file: OpenFile): void {
  transferRegion(call, file, true);
}
