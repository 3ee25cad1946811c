/** Descriptors that a call uses and whose origin the trace does not show (guard G1). */

import type { IoctlEvent } from "../engine/event/index.js";
import { numberField } from "./subjects.js";
import type { MachineView } from "./view.js";

/** Fields by which a call names a second descriptor that decides what it does. */
const FD_FIELDS: Readonly<Record<string, string>> = {
  IOMMU_IOAS_MAP_FILE: "fd",
  LIVEUPDATE_SESSION_PRESERVE_FD: "fd",
  VFIO_DEVICE_BIND_IOMMUFD: "iommufd",
};

/** What a call's descriptor must be, by the beginning of the call's name. */
const KINDS: readonly (readonly [string, string])[] = [
  ["IOMMU_", "iommufd"],
  ["LIVEUPDATE_IOCTL_", "luo_device"],
  ["LIVEUPDATE_SESSION_", "luo_session"],
  ["VFIO_DEVICE_", "vfio_device"],
];

/** The call's descriptor is of another kind, as far as the trace shows: that file is gone. */
export function isOtherFile({ pid, fd, op }: IoctlEvent, view: MachineView): boolean {
  const kind = view.processes.get(pid)?.fds.get(fd)?.object.kind;
  if (kind === undefined) return false;
  return KINDS.some(([beginning, needed]) => op.startsWith(beginning) && kind !== needed);
}

/** The descriptor of the call, or the one it names, that nothing before has opened. */
export function untoldDescriptor(event: IoctlEvent, view: MachineView): number | undefined {
  const fds = view.processes.get(event.pid)?.fds;
  if (fds?.get(event.fd) === undefined) return event.fd;
  const field = FD_FIELDS[event.op];
  if (field === undefined || event.in?.[field] === undefined) return undefined;
  const fd = numberField(event, field);
  return fds.get(fd) === undefined ? fd : undefined;
}
