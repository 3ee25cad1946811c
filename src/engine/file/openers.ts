/** What open(2) does for the device nodes the model knows: a table from path to opener. */

import type { Call } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import { openIommufd } from "../iommufd/open.js";
import { openLuoDevice } from "../liveupdate/device.js";
import { openProcFd } from "../memory/open-proc-fd.js";
import { openTmpfs } from "../memory/open-tmpfs.js";
import { openVfioCdev, openVfioGroup } from "../vfio/open.js";
import { openFailNth } from "./fail-nth-file.js";

/** Predicts the result of the open and, when it is accepted, installs the descriptor. */
export type Opener = (call: Call<EventOf<"open">>) => void;

/** The start that all paths of an opener have is told apart first: nearly all paths have none. */
type Entry = readonly [start: string, path: RegExp, opener: Opener];

const OPENERS: readonly Entry[] = [
  ["/dev/liveupdate", /^\/dev\/liveupdate$/, openLuoDevice],
  ["/dev/iommu", /^\/dev\/iommu$/, (call) => openIommufd(call, "/dev/iommu")],
  ["/dev/vfio/", /^\/dev\/vfio\/devices\/vfio\d+$/, openVfioCdev],
  ["/dev/vfio/", /^\/dev\/vfio\/\d+$/, openVfioGroup],
  ["/dev/vfio/", /^\/dev\/vfio\/vfio$/, (call) => openIommufd(call, "/dev/vfio/vfio")],
  ["/dev/shm", /^\/dev\/shm(\/|$)/, openTmpfs],
  ["/proc/", /^\/proc\/(self|thread-self)\/(task\/\d+\/)?fail-nth$/, openFailNth],
  ["/proc/", /^\/proc\/(self|thread-self|\d+)\/fd\/\d+$/, openProcFd],
];

/** The opener of a path, or undefined for a file the model does not look into. */
export function openerOf(path: string): Opener | undefined {
  for (const [start, pattern, opener] of OPENERS) {
    if (path.startsWith(start) && pattern.test(path)) return opener;
  }
  return undefined;
}
