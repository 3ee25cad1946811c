import { O_RDWR } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { type FileObject, OtherFile } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import { IommufdContext } from "../iommufd/context.js";
import { LuoDevice } from "../liveupdate/device.js";
import { LuoSession } from "../liveupdate/session.js";
import type { Machine } from "../machine.js";
import { createMemfd, MFD_ALLOW_SEALING } from "../memory/create-memfd.js";
import { OFFSET_MAX } from "../memory/offset.js";

/**
 * A descriptor that was open when the trace began. Entries with the same `file` share one open file
 * description. What the object behind it went through before is not known.
 */
export function snapshotFd(machine: Machine, event: EventOf<"snapshot_fd">): Outcome {
  const process = machine.process(event.pid);
  const file = sharedFile(machine, event) ?? newFile(machine, event);
  machine.installFd(process, event.fd, file, false);
  return machine.observe(event);
}

function sharedFile(machine: Machine, event: EventOf<"snapshot_fd">): OpenFile | undefined {
  return event.file === undefined ? undefined : machine.snapshotFiles.get(event.file);
}

function newFile(machine: Machine, event: EventOf<"snapshot_fd">): OpenFile {
  const file = machine.newFile(objectOf(machine, event), O_RDWR);
  if (event.file !== undefined) machine.snapshotFiles.set(event.file, file);
  return file;
}

type Maker = (machine: Machine, name: string, event: EventOf<"snapshot_fd">) => FileObject;

/** What a path in /proc/<pid>/fd stands for; the first group is the object's name. */
const MAKERS: readonly (readonly [path: RegExp, maker: Maker])[] = [
  [/^\/dev\/iommu$/, (machine) => new IommufdContext(machine, machine.newSerial(), "/dev/iommu")],
  [/^\/dev\/liveupdate$/, makeLuoDevice],
  [/^anon_inode:\[luo_session\] (.+)$/, makeSession],
  [/^\/?memfd:(.*?)( \(deleted\))?$/, makeMemfd],
];

function objectOf(machine: Machine, event: EventOf<"snapshot_fd">): FileObject {
  for (const [pattern, maker] of MAKERS) {
    const match = pattern.exec(event.path);
    if (match !== null) return maker(machine, match[1] ?? "", event);
  }
  return new OtherFile(event.path);
}

function makeLuoDevice(machine: Machine): FileObject {
  machine.liveUpdate.deviceOpen = true;
  return new LuoDevice();
}

function makeSession(machine: Machine, name: string, event: EventOf<"snapshot_fd">): FileObject {
  const { liveUpdate } = machine;
  const known = liveUpdate.outgoing.get(name);
  if (known !== undefined) return known;
  const serial = machine.newSerial();
  const { epoch } = machine;
  const lineage = machine.lineages.start("session", name);
  const session = new LuoSession(serial, name, event.seq, event.pid, epoch, lineage);
  session.from_snapshot = true;
  liveUpdate.outgoing.set(name, session);
  return session;
}

function makeMemfd(machine: Machine, name: string): FileObject {
  const memfd = createMemfd(machine, name, MFD_ALLOW_SEALING);
  memfd.isKnown = false;
  memfd.pages.contents.forget(0n, OFFSET_MAX);
  return memfd;
}
