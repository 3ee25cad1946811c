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

const OPENERS: readonly (readonly [path: RegExp, opener: Opener])[] = [
  [/^\/dev\/liveupdate$/, openLuoDevice],
  [/^\/dev\/iommu$/, (call) => openIommufd(call, "/dev/iommu")],
  [/^\/dev\/vfio\/devices\/vfio\d+$/, openVfioCdev],
  [/^\/dev\/vfio\/\d+$/, openVfioGroup],
  [/^\/dev\/vfio\/vfio$/, (call) => openIommufd(call, "/dev/vfio/vfio")],
  [/^\/dev\/shm(\/|$)/, openTmpfs],
  [/^\/proc\/(self|thread-self)\/(task\/\d+\/)?fail-nth$/, openFailNth],
  [/^\/proc\/(self|thread-self|\d+)\/fd\/\d+$/, openProcFd],
];

/** The opener of a path, or undefined for a file the model does not look into. */
export function openerOf(path: string): Opener | undefined {
  return OPENERS.find(([pattern]) => pattern.test(path))?.[1];
}
