import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { IoctlEvent } from "../event/index.js";
import type { FileKind } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import { dispatchIommufd } from "../iommufd/dispatch.js";
import { dispatchLuoDevice, dispatchLuoSession } from "../liveupdate/dispatch.js";
import type { Machine } from "../machine.js";
import type { Process } from "../process/process.js";
import { dispatchVfioDevice, dispatchVfioGroup } from "../vfio/dispatch.js";

/** Serves the ioctls of one kind of file. */
export type Dispatcher = (
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  file: OpenFile,
) => Outcome;

/** A kind that is not listed has no ioctls the model knows: every request is ENOTTY. */
const DISPATCHERS: Partial<Record<FileKind, Dispatcher>> = {
  iommufd: dispatchIommufd,
  luo_device: dispatchLuoDevice,
  luo_session: dispatchLuoSession,
  vfio_device: dispatchVfioDevice,
  vfio_group: dispatchVfioGroup,
};

/** ioctl(2): EBADF for a closed number, then what the file's kind makes of the request. */
export function ioctl(machine: Machine, event: IoctlEvent): Outcome {
  const process = machine.process(event.pid);
  const file = process.fds.getUsable(event.fd);
  if (file === undefined) return rejected(machine, process, event, "EBADF");
  const dispatch = DISPATCHERS[file.object.kind];
  if (dispatch === undefined) return rejected(machine, process, event, "ENOTTY");
  return dispatch(machine, process, event, file);
}

function rejected(
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  errno: "EBADF" | "ENOTTY",
): Outcome {
  const call = new Call(machine, process, event);
  call.reject(errno);
  return call;
}
