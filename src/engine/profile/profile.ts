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
  /** VM files of KVM and guest_memfds have a handler. */
  readonly kvm: boolean;
  /** How HWPTs are chosen: not at all, by a mark that stays, or by one that can be taken back. */
  readonly selection: "none" | "mark" | "mark_and_unmark";
  /** Marking with a token that another marked HWPT of the iommufd has. */
  readonly token_in_use: Refusal;
  /** Marking a HWPT again with the token it has: v1 skips its own entry. */
  readonly remark_own_token: Refusal;
  /** A mapping that is not of a file, in the IOAS of a marked HWPT. */
  readonly non_file_mapping: Refusal;
  /** A file that lacked SEAL, GROW and SHRINK seals when it was mapped. */
  readonly unsealed_at_map: Refusal;
  /** A mapped file that is not preserved in the same session before. */
  readonly memfd_not_in_session: Refusal;
  /** A cdev whose iommufd is not preserved in the same session before. */
  readonly iommufd_not_in_session: Refusal;
  /** A cdev attached to a HWPT that is not preserved. */
  readonly hwpt_not_preserved: Refusal;
  /** A cdev whose group has PASID attachments. */
  readonly pasid_attached: Refusal;
  /** A device that is preserved already, through another open file of it. */
  readonly device_twice: Refusal;
  /** The same, where no domain is part of it and so only PCI notices. */
  readonly unattached_device_twice: Refusal;
  /** An attached cdev behind an IOMMU whose driver cannot hand its tables over. */
  readonly iommu_without_support: Refusal;
  /** A virtual function. */
  readonly virtual_function: Refusal;
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
  /**
   * Freeze resets the device and turns bus mastering off, so that no DMA crosses. A boot event may
   * say otherwise for its kernel.
   */
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
  /**
   * How the restored domain becomes an HWPT: never; by the kernel when the device is bound to the
   * retrieved iommufd; or by the restore ioctl.
   */
  readonly hwpt_creation: "never" | "at_attach" | "by_ioctl";
  /** A second restore of the same token; undefined: it returns the same id. */
  readonly restore_twice: Refusal;
  /** Restore before every device of the domain is bound to the iommufd again. */
  readonly restore_before_bind: Refusal;
  /** BIND turns the device's bus mastering off, as a first open does, although it is running. */
  readonly bind_stops_device: boolean;
  /** DESTROY of a restored HWPT that is still attached. */
  readonly destroy_attached_restored: Refusal;
  /** A device that was not recorded for the domain attaches to the restored HWPT. */
  readonly attach_other_device: Refusal;
  /** A device that was replaced off the restored HWPT attaches to it again. */
  readonly attach_back: Refusal;
  /** Truncating, punching or growing a retrieved memfd before FINISH. */
  readonly change_retrieved_memfd: Refusal;
}

/** What FINISH demands. */
export interface FinishSemantics {
  /** FINISH while an iommufd was not retrieved, or a restored HWPT is still attached. */
  readonly with_live_domain: Refusal;
  /** FINISH while a HWPT was preserved and never restored by its token. */
  readonly with_unrestored_hwpt: Refusal;
  /** FINISH while a memfd was never retrieved and a restored domain still uses it. */
  readonly with_memfd_in_use: Refusal;
  /** FINISH while a cdev was not retrieved, or not bound after it was. */
  readonly with_unbound_device: Refusal;
  /** The restored domains may be freed by FINISH; no agreed design says so. */
  readonly frees_domains: false;
}
