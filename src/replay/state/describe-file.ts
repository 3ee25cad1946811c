/** Open files in a state document: what a descriptor refers to. */

import type { DmabufFile } from "../../engine/file/dmabuf-file.js";
import type { FailNthFile } from "../../engine/file/fail-nth-file.js";
import type { FileKind, FileObject } from "../../engine/file/file-object.js";
import type { OpenFile } from "../../engine/file/open-file.js";
import type { SocketFile } from "../../engine/file/socket-file.js";
import type { IommufdContext } from "../../engine/iommufd/context.js";
import type { FaultQueueFile, VeventqFile } from "../../engine/iommufd/eventq-file.js";
import type { GuestMemfd } from "../../engine/kvm/guest-memfd.js";
import type { KvmVm } from "../../engine/kvm/kvm-vm.js";
import type { LuoSession } from "../../engine/liveupdate/session.js";
import type { Memfd } from "../../engine/memory/memfd.js";
import type { SelftestAccessFile } from "../../engine/selftest/access-file.js";
import type { VfioDeviceFile } from "../../engine/vfio/device-file.js";
import type { VfioGroupFile } from "../../engine/vfio/vfio-group.js";
import { DEVICES } from "./describe-device.js";
import { IOMMUFDS } from "./describe-iommufd.js";
import { SESSIONS } from "./describe-liveupdate.js";
import { FILE_PAGES, MEMFDS } from "./describe-memory.js";
import { hexText, type Naming, onlyIf, type Section } from "./naming.js";
import type { StateObject } from "./state-value.js";

/** Open file descriptions: what dup, fork and SCM_RIGHTS share. */
export const FILES: Section<OpenFile> = {
  key: "files",
  prefix: "file",
  describe: (file, naming) => ({
    kind: file.object.kind,
    ...(DETAILS[file.object.kind]?.(file.object as never, naming) ?? {}),
    flags: `0x${file.flags.toString(16)}`,
    position: hexText(file.position),
  }),
};

type Details<Kind extends FileObject> = (object: Kind, naming: Naming) => StateObject;

/** What a file is, by its kind; `object` names what several open files can share. */
const DETAILS: Partial<Record<FileKind, Details<never>>> = {
  iommufd: (context: IommufdContext, naming) => ({ object: naming.name(IOMMUFDS, context) }),
  memfd: (memfd: Memfd, naming) => ({ object: naming.name(MEMFDS, memfd) }),
  kvm_vm: ({ vm_type }: KvmVm) => ({ vm_type }),
  guest_memfd: (memfd: GuestMemfd, naming) => ({
    size_bytes: hexText(memfd.size_bytes),
    creation_flags: hexText(memfd.flags),
    frozen: onlyIf(memfd.frozen),
    pages: naming.name(FILE_PAGES, memfd.pages),
  }),
  luo_session: (session: LuoSession, naming) => ({ object: naming.name(SESSIONS, session) }),
  vfio_device: (file: VfioDeviceFile, naming) => ({
    object: naming.name(DEVICES, file.device),
    opened_as: file.path,
    access_granted: file.access_granted,
  }),
  vfio_group: ({ group }: VfioGroupFile, naming) => ({
    group: group.number,
    container: group.container && naming.name(FILES, group.container),
  }),
  dmabuf: (dmabuf: DmabufFile) => ({
    what: dmabuf.describe(),
    length_bytes: hexText(dmabuf.length_bytes),
    revoked: dmabuf.revoked,
  }),
  socket: (socket: SocketFile, naming) => ({
    peer: onlyIf(socket.peer !== undefined),
    in_flight: socket.inFlight.map(({ files }) =>
      files.map((file) => naming.name(FILES, file)).join(", "),
    ),
  }),
  fault_queue: (file: FaultQueueFile, naming) => queueOf(file, naming),
  veventq: (file: VeventqFile, naming) => queueOf(file, naming),
  selftest_access: ({ access }: SelftestAccessFile, naming) => ({
    of: naming.name(IOMMUFDS, access.context),
    id: access.id,
  }),
  fail_nth: (file: FailNthFile) => ({ target: file.target.pid }),
  other: (file: FileObject) => ({ path: file.describe() }),
};

function queueOf({ queue }: FaultQueueFile | VeventqFile, naming: Naming): StateObject {
  return { of: naming.name(IOMMUFDS, queue.context), id: queue.id };
}
