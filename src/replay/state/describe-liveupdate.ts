/** Live update in a state document: sessions, their files by token, what the kernel knows. */

import {
  GUEST_MEMFD_HANDLER,
  type PreservedGuestMemfd,
} from "../../engine/liveupdate/guest-memfd-handler.js";
import type { FileHandler } from "../../engine/liveupdate/handler.js";
import { IOMMUFD_HANDLER } from "../../engine/liveupdate/iommufd-handler.js";
import { KVM_VM_HANDLER, type PreservedVm } from "../../engine/liveupdate/kvm-vm-handler.js";
import type { LiveUpdate } from "../../engine/liveupdate/live-update.js";
import type { LuoFile } from "../../engine/liveupdate/luo-file.js";
import { MEMFD_HANDLER, type PreservedMemfd } from "../../engine/liveupdate/memfd-handler.js";
import type {
  PreservedDevice,
  PreservedDomain,
  PreservedIommufd,
} from "../../engine/liveupdate/preserved-domain.js";
import type { LuoSession } from "../../engine/liveupdate/session.js";
import { VFIO_HANDLER } from "../../engine/liveupdate/vfio-handler.js";
import { describeContents } from "./describe-contents.js";
import { DOMAINS, deviceTitle } from "./describe-device.js";
import { FILES } from "./describe-file.js";
import { FILE_PAGES, sealsText } from "./describe-memory.js";
import { hexText, type Naming, onlyIf, type Section } from "./naming.js";
import type { StateObject } from "./state-value.js";

export const SESSIONS: Section<LuoSession> = {
  key: "sessions",
  prefix: "session",
  describe: (session, naming) => ({
    title: session.name,
    state: session.state,
    retrieved: session.retrieved,
    // In the order in which they were preserved: files are finished and released backwards.
    files: [...session.files.values()].map((file) => describeFile(file, naming)),
  }),
};

/** Facts of the running kernel's LUO; names all sessions it knows, by name. */
export function describeLiveUpdate(luo: LiveUpdate, naming: Naming): StateObject {
  const names = (sessions: ReadonlyMap<string, LuoSession>): string[] =>
    [...sessions.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((session) => naming.name(SESSIONS, session));
  return {
    enabled: luo.enabled,
    device_open: luo.deviceOpen,
    serialized: luo.serialized,
    kexec_image: luo.kexecImage,
    incoming_state: luo.incomingState,
    missing_handlers: [...luo.missingHandlers].sort(),
    outgoing: names(luo.outgoing),
    incoming: names(luo.incoming),
  };
}

function describeFile(luoFile: LuoFile, naming: Naming): StateObject {
  return {
    token: hexText(luoFile.token),
    state: luoFile.state,
    handler: luoFile.handler.compatible,
    retrieve_errno: luoFile.retrieve_errno,
    file: luoFile.file && naming.name(FILES, luoFile.file),
    ...RECORDS.get(luoFile.handler)?.(luoFile.record as never, naming),
  };
}

type Details<Record> = (record: Record, naming: Naming) => StateObject;

/** What the next kernel gets to know about a file, by its handler. */
const RECORDS: ReadonlyMap<FileHandler, Details<never>> = new Map<FileHandler, Details<never>>([
  [
    MEMFD_HANDLER,
    ({ size_bytes, seals, position, pages }: PreservedMemfd, naming: Naming) => ({
      size_bytes: hexText(size_bytes),
      seals: sealsText(seals),
      position: hexText(position),
      pages: naming.name(FILE_PAGES, pages),
      ...describeContents(pages.contents, size_bytes),
    }),
  ],
  [
    IOMMUFD_HANDLER,
    ({ domains }: PreservedIommufd, naming: Naming) => ({
      domains: domains.map((domain) => describeDomain(domain, naming)),
    }),
  ],
  [
    VFIO_HANDLER,
    ({ device, domain, iommufd, bound }: PreservedDevice, naming: Naming) => ({
      device: deviceTitle(device.hardware, naming),
      domain: domain && hexText(domain.token),
      iommufd: iommufd && hexText(iommufd.token),
      bound: onlyIf(bound),
    }),
  ],
  [KVM_VM_HANDLER, ({ vm_type }: PreservedVm) => ({ vm_type })],
  [
    GUEST_MEMFD_HANDLER,
    ({ memfd, vm }: PreservedGuestMemfd, naming: Naming) => ({
      size_bytes: hexText(memfd.size_bytes),
      pages: naming.name(FILE_PAGES, memfd.pages),
      vm: vm && hexText(vm.token),
    }),
  ],
]);

function describeDomain(domain: PreservedDomain, naming: Naming): StateObject {
  const { restored } = domain;
  return {
    token: hexText(domain.token),
    devices: [...domain.devices.values()].sort(),
    written_down: onlyIf(domain.table !== undefined),
    reclaimed: onlyIf(domain.reclaimed),
    dangling: onlyIf(domain.dangling),
    restored: restored?.end === undefined ? restored && naming.name(DOMAINS, restored) : undefined,
    ended: restored?.end?.cause,
  };
}
