/**
 * Transitions: what a step changed, as small typed facts. Everything that wants to know what
 * happened (rules, timelines, diffs) listens to these; nobody outside recomputes them.
 *
 * Objects are passed by reference: they show the state after the step. Where the old value matters,
 * it is part of the transition.
 */

import type { DmaOutcome, DmaPiece } from "./dma/target.js";
import type { Errno } from "./errno.js";
import type { EventOf } from "./event/index.js";
import type { DmabufFile } from "./file/dmabuf-file.js";
import type { OpenFile } from "./file/open-file.js";
import type { Access } from "./iommufd/access.js";
import type { AccessPin } from "./iommufd/access-pins.js";
import type { Area } from "./iommufd/areas.js";
import type { BackingOwner } from "./iommufd/backing.js";
import type { IommufdContext } from "./iommufd/context.js";
import type { Device } from "./iommufd/device.js";
import type { Fault, FaultGroup } from "./iommufd/fault.js";
import type { Hwpt, HwptPaging } from "./iommufd/hwpt.js";
import type { Ioas } from "./iommufd/ioas.js";
import type { GroupOwner, IommuGroup } from "./iommufd/iommu-group.js";
import type { IommufdObject } from "./iommufd/object.js";
import type { Vevent, Veventq } from "./iommufd/veventq.js";
import type { BoundaryKind } from "./liveupdate/boundary.js";
import type { LuoFile } from "./liveupdate/luo-file.js";
import type { PreservedDomain } from "./liveupdate/preserved-domain.js";
import type { DomainEnd, RestoredDomain } from "./liveupdate/restored-domain.js";
import type { LuoSession } from "./liveupdate/session.js";
import type { FreedPages } from "./memory/file-pages.js";
import type { Memfd } from "./memory/memfd.js";
import type { Process } from "./process/process.js";
import type { PciDevice } from "./vfio/pci-device.js";

export interface TransitionMap {
  process_started: { readonly process: Process };
  process_exited: { readonly process: Process; readonly cause: "exit" | "signal" | "kernel_gone" };
  fd_installed: { readonly process: Process; readonly fd: number; readonly file: OpenFile };
  fd_closed: { readonly process: Process; readonly fd: number; readonly file: OpenFile };
  file_passed: {
    readonly file: OpenFile;
    readonly from: Process | undefined;
    readonly to: Process;
    readonly fd: number;
  };
  file_released: { readonly file: OpenFile };
  object_created: { readonly context: IommufdContext; readonly object: IommufdObject };
  object_destroyed: { readonly context: IommufdContext; readonly object: IommufdObject };
  /** A mapping appeared; with a domain its pages are pinned. */
  area_added: { readonly ioas: Ioas; readonly area: Area };
  area_removed: { readonly ioas: Ioas; readonly area: Area };
  reserved_changed: { readonly ioas: Ioas };
  allowed_changed: { readonly ioas: Ioas };
  /** A page table began or ceased to translate the IOAS; device attachment is another matter. */
  domain_added: { readonly ioas: Ioas; readonly hwpt: HwptPaging };
  domain_removed: { readonly ioas: Ioas; readonly hwpt: HwptPaging };
  device_bound: { readonly device: Device };
  device_unbound: { readonly device: Device };
  /** A device uses a domain now; `previous` is the one it was moved away from. PASID 0: the RID. */
  device_attached: {
    readonly device: Device;
    readonly pasid: number;
    readonly hwpt: Hwpt;
    readonly previous: Hwpt | undefined;
  };
  device_detached: { readonly device: Device; readonly pasid: number; readonly hwpt: Hwpt };
  dirty_tracking_changed: { readonly hwpt: HwptPaging; readonly enabled: boolean };
  fault_queued: { readonly fault: Fault; readonly group: FaultGroup };
  vevent_queued: { readonly veventq: Veventq; readonly event: Vevent; readonly lost: boolean };
  access_pinned: { readonly access: Access; readonly pin: AccessPin };
  access_unpinned: { readonly access: Access; readonly pin: AccessPin };
  /** CHANGE_PROCESS: all mappings of the context belong to another process now. */
  mappings_changed_owner: { readonly context: IommufdContext; readonly owner: BackingOwner };
  context_destroyed: { readonly context: IommufdContext };
  bus_master_changed: { readonly device: PciDevice; readonly enabled: boolean | undefined };
  device_reset: { readonly device: PciDevice };
  /** A transfer: where each piece went, what the model predicted and what it took as true. */
  dma: {
    readonly device: PciDevice;
    readonly event: EventOf<"dma">;
    readonly predicted: DmaOutcome | undefined;
    readonly happened: DmaOutcome;
    /** The table from the kernel before that translated it, where it was one. */
    readonly restored: RestoredDomain | undefined;
    /** Where it went, bit by bit. Costs its making, so whoever can do without does not ask. */
    readonly pieces: readonly DmaPiece[];
  };
  dmabuf_revoked: { readonly dmabuf: DmabufFile; readonly revoked: boolean };

  /** MARK_PRESERVE; a HWPT that is marked already gets another token. */
  hwpt_marked: {
    readonly hwpt: HwptPaging;
    readonly token: bigint;
    readonly old_token: bigint | undefined;
  };
  /** RFC v2 lets user space take a mark back. */
  hwpt_unmarked: { readonly hwpt: HwptPaging; readonly old_token: bigint };
  /** Its iommufd went into a session: the HWPT, its IOAS and its domain are to stay as they are. */
  hwpt_preserved: { readonly hwpt: HwptPaging; readonly domain: PreservedDomain };
  hwpt_unpreserved: { readonly hwpt: HwptPaging; readonly domain: PreservedDomain };
  /** The first preserved HWPT on an IOAS came, or the last one went. */
  ioas_frozen: { readonly ioas: Ioas };
  ioas_thawed: { readonly ioas: Ioas };
  /** A cdev went into a session, with the domain it was attached to, if any. */
  device_preserved: { readonly device: PciDevice; readonly domain: PreservedDomain | undefined };
  device_unpreserved: { readonly device: PciDevice; readonly domain: PreservedDomain | undefined };
  /** reboot(KEXEC) froze the device; `stopped`: it was reset and may not start transactions. */
  device_frozen: { readonly device: PciDevice; readonly stopped: boolean };
  /** The table of a preserved domain is written down; the machine is about to jump. */
  domain_serialized: {
    readonly domain: PreservedDomain;
    readonly session: LuoSession;
    readonly luo_file: LuoFile;
  };
  /** The boot put a domain in front of the groups it served before. */
  domain_restored: { readonly domain: RestoredDomain; readonly session: LuoSession };
  /** User space has a handle of it now. */
  domain_claimed: { readonly domain: RestoredDomain; readonly hwpt: HwptPaging };
  /** A group moved from a restored domain to another page table. */
  domain_replaced: {
    readonly domain: RestoredDomain;
    readonly group: IommuGroup;
    readonly hwpt: Hwpt;
  };
  /** A group left a restored domain for none. */
  domain_released: {
    readonly domain: RestoredDomain;
    readonly group: IommuGroup;
    readonly cause: "detached" | "unbound";
  };
  domain_destroyed: { readonly domain: RestoredDomain; readonly cause: DomainEnd };
  /** Who may program the DMA of a group. */
  group_owner_changed: {
    readonly group: IommuGroup;
    readonly before: GroupOwner | undefined;
    readonly after: GroupOwner | undefined;
  };

  memfd_created: {
    readonly memfd: Memfd;
    readonly process: Process;
    readonly fd: number;
    readonly file: OpenFile;
  };
  memfd_resized: { readonly memfd: Memfd; readonly old_bytes: bigint; readonly new_bytes: bigint };
  memfd_pages_freed: {
    readonly memfd: Memfd;
    readonly freed: readonly FreedPages[];
    readonly cause: "punched" | "truncated" | "released" | "discarded";
  };
  memfd_sealed: { readonly memfd: Memfd; readonly old_seals: number; readonly new_seals: number };

  session_created: {
    readonly session: LuoSession;
    readonly process: Process;
    readonly fd: number;
    readonly file: OpenFile;
  };
  session_retrieved: {
    readonly session: LuoSession;
    readonly process: Process;
    readonly fd: number;
    readonly file: OpenFile;
  };
  /** FINISH, or the last close of an incoming session. `discarded` was never retrieved. */
  session_finished: {
    readonly session: LuoSession;
    readonly how: "explicit" | "implicit";
    readonly files: readonly LuoFile[];
    readonly discarded: readonly LuoFile[];
  };
  /** FINISH, or the finish of the last close, was refused: `refused_by` cannot finish yet. */
  session_finish_refused: {
    readonly session: LuoSession;
    readonly how: "explicit" | "implicit";
    readonly refused_by: LuoFile;
  };
  /** The last descriptor is closed and finish was refused: nothing but a kexec helps. */
  session_stuck: { readonly session: LuoSession; readonly refused_by: LuoFile };
  /** The session is gone. */
  session_closed: { readonly session: LuoSession };
  file_preserved: {
    readonly session: LuoSession;
    readonly luo_file: LuoFile;
    readonly process: Process;
    readonly fd: number;
  };
  file_unpreserved: { readonly session: LuoSession; readonly luo_file: LuoFile };
  /** `again`: it was retrieved before, this is one more descriptor of the same file. */
  file_retrieved: {
    readonly session: LuoSession;
    readonly luo_file: LuoFile;
    readonly process: Process;
    readonly fd: number | undefined;
    readonly file: OpenFile;
    readonly again: boolean;
  };
  retrieve_failed: {
    readonly session: LuoSession;
    readonly luo_file: LuoFile;
    readonly errno: Errno;
  };
  file_finished: {
    readonly session: LuoSession;
    readonly luo_file: LuoFile;
    readonly discarded: boolean;
  };
  /** reboot(KEXEC) froze all sessions; from here on the machine jumps. */
  serialized: { readonly sessions: readonly LuoSession[] };
  serialize_failed: {
    readonly session: LuoSession;
    readonly luo_file: LuoFile;
    readonly errno: Errno;
  };
  /** A kernel runs. `lost` did not arrive in it, `arrived` waits to be retrieved. */
  kernel_booted: {
    readonly how: BoundaryKind;
    readonly epoch: number;
    readonly arrived: readonly LuoSession[];
    readonly lost: readonly LuoSession[];
  };
}

export type TransitionKind = keyof TransitionMap;
export type TransitionOf<K extends TransitionKind> = { readonly kind: K } & TransitionMap[K];
export type Transition = { [K in TransitionKind]: TransitionOf<K> }[TransitionKind];
