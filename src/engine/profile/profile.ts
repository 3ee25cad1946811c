/**
 * Semantic profiles: where kernels and designs differ, the difference is a value here, never an
 * `if (profile === …)` in the engine.
 */

import type { Errno } from "../errno.js";

export type ProfileId = "luo73" | "seed" | "rfc2" | "p1v1" | "p1v5" | "p2";

/** An errno the call answers, or undefined where it is allowed. */
export type Refusal = Errno | undefined;

export interface Profile {
  readonly id: ProfileId;
  readonly title: string;
  readonly source: string;
  /** Request numbers of commands whose number moved between series, by name. */
  readonly requests: Readonly<Record<string, number>>;
  readonly preserve: PreserveSemantics;
  readonly immutable: ImmutableSemantics;
  readonly boot: BootSemantics;
  readonly restore: RestoreSemantics;
  readonly finish: FinishSemantics;
}

/** What PRESERVE_FD accepts. */
export interface PreserveSemantics {
  /** iommufd and VFIO files have a handler; without one PRESERVE_FD answers ENOENT. */
  readonly iommufd_and_vfio: boolean;
  /** How HWPTs are chosen: not at all, all of them by a label, or by the mark ioctl. */
  readonly selection: "none" | "mark" | "mark_and_unmark";
  /** Marking a HWPT that is marked already, with a token in use: v1 skips its own entry. */
  readonly remark_own_token: Refusal;
  /** A mapping that is not of a file, in the IOAS of a marked HWPT. */
  readonly non_file_mapping: Refusal;
  /** A file that lacked SEAL, GROW and SHRINK seals when it was mapped. */
  readonly unsealed_at_map: Refusal;
  /** A mapped memfd that is not preserved in the same session before. */
  readonly memfd_not_in_session: Refusal;
  /** A cdev whose iommufd is not preserved in the same session before. */
  readonly iommufd_not_in_session: Refusal;
  /** A cdev attached to a HWPT that is not preserved. */
  readonly hwpt_not_preserved: Refusal;
  /** A cdev whose group has PASID attachments. */
  readonly pasid_attached: Refusal;
}

/** What stays possible between PRESERVE_FD and kexec. */
export interface ImmutableSemantics {
  /** MAP, MAP_FILE, COPY into and UNMAP on the IOAS of a preserved HWPT. */
  readonly change_preserved_ioas: Refusal;
  /** ATTACH, DETACH and replace of a preserved device. */
  readonly change_preserved_device: Refusal;
  /** DESTROY of a preserved HWPT. */
  readonly destroy_preserved_hwpt: Refusal;
}

/** What freeze and the next kernel's boot do to preserved devices and domains. */
export interface BootSemantics {
  /** Freeze resets the device and turns bus mastering off, so that no DMA crosses. */
  readonly freeze_stops_device: boolean;
  /** Freeze refuses while the device's interrupts are on. */
  readonly freeze_with_interrupts: Refusal;
  /** BIND_IOMMUFD of a preserved device to an iommufd that was not retrieved for it. */
  readonly foreign_bind: Refusal;
  /** A kernel driver that uses the DMA API binds to a preserved device. */
  readonly kernel_driver_bind: Refusal;
  /** Opening the cdev node or GROUP_GET_DEVICE_FD of a preserved device. */
  readonly open_preserved_device: Refusal;
}

/** What user space can do with what arrived. */
export interface RestoreSemantics {
  /** RETRIEVE_FD of an iommufd. A failure is sticky. */
  readonly retrieve_iommufd: Refusal;
  /** How the restored domain becomes an HWPT. */
  readonly hwpt_creation: "never" | "at_attach" | "by_ioctl";
  /** A second restore of the same token; undefined: it returns the same id. */
  readonly restore_twice: Refusal;
  /** DESTROY of a restored HWPT that is still attached. */
  readonly destroy_attached_restored: Refusal;
}

/** What FINISH demands. */
export interface FinishSemantics {
  /** FINISH while an iommufd was not retrieved, or a restored HWPT is still attached. */
  readonly with_live_domain: Refusal;
  /** FINISH while a memfd was never retrieved and a restored domain still uses it. */
  readonly with_memfd_in_use: Refusal;
  /** The restored domains may be freed by FINISH; no agreed design says so. */
  readonly frees_domains: false;
}
