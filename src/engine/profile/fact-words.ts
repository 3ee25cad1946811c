/**
 * The fields of a profile in words. `FACT_WORDS` must name every field, so that a new one cannot
 * stay without words.
 */

import type { Profile } from "./profile.js";

type Section = "preserve" | "immutable" | "boot" | "restore" | "finish";

/** Section and field of a profile, such as `preserve.selection`. */
export type StatedFact = {
  [S in Section]: `${S}.${keyof Profile[S] & string}`;
}[Section];

/** What facts are about, in the order of an update. */
export const TOPICS = {
  marked: "How the HWPTs that cross are chosen",
  accepted: "What PRESERVE_FD accepts",
  order: "What must be preserved before what",
  requests: "Commands and their numbers",
  frozen: "What cannot change between PRESERVE_FD and the kexec",
  crossing: "What crosses the kexec",
  owned: "Who owns a device until it is claimed",
  restored: "How it comes back",
  replaced: "What can be done with what came back",
  finished: "FINISH, and the last close of a session",
} as const;

export type Topic = keyof typeof TOPICS;

/** What holds under every profile, for the topics where that is not obvious. */
export const TOPIC_NOTES: Partial<Readonly<Record<Topic, string>>> = {
  crossing:
    "Memfds of a session cross with their pages. Where iommufds can be preserved, the page tables" +
    " of marked HWPTs cross, and the boot puts each before its devices until somebody claims it.",
  finished:
    "The last close of a session that arrived does what FINISH does. Where FINISH would be" +
    " refused, the session is stuck until the next kexec.",
};

/** What must be possible for a fact to matter. */
export const NEEDS = {
  devices: {
    holds: ({ preserve }: Profile) => preserve.iommufd_and_vfio,
    otherwise: "only memfds can be preserved",
  },
  retrieval: {
    holds: ({ preserve, restore }: Profile) =>
      preserve.iommufd_and_vfio && restore.retrieve_iommufd === undefined,
    otherwise: "no iommufd comes back",
  },
  handle: {
    holds: ({ preserve, restore }: Profile) =>
      preserve.iommufd_and_vfio && restore.hwpt_creation !== "never",
    otherwise: "no restored HWPT comes back",
  },
} as const;

export interface FactWords {
  readonly topic: Topic;
  /** The situation, without its outcome. */
  readonly what: string;
  readonly source: string;
  /** Words for values that are no refusal, by value. */
  readonly says?: Readonly<Record<string, string>>;
  /** Without it the value says nothing. */
  readonly needs?: keyof typeof NEEDS;
  /** Calls in which it shows, where an earlier call decides it. */
  readonly shows_later_in?: readonly string[];
}

const MARK = "iommufd_hwpt_mark_preserve, drivers/iommu/iommufd/liveupdate.c (IOMMU live update)";
const IOMMUFD =
  "iommufd_liveupdate_preserve, drivers/iommu/iommufd/liveupdate.c (IOMMU live update)";
const CDEV = "iommufd_device_preserve, drivers/iommu/iommufd/device.c (IOMMU live update)";
const VFIO = "drivers/vfio/pci/vfio_pci_liveupdate.c (VFIO live update v5, 2026-07-14)";
const IMMUTABLE = "IOMMU live update v1, patch 11/14 (2026-02-03)";
const OWNER = "IOMMU live update v1, cover letter (2026-02-03)";
const RESTORE = "iommufd_hwpt_lu_restore (IOMMU live update RFC v2, 2025-12-02)";
const MAIL = "Khawaja and Gunthorpe on RFC 13/15, 2025-10-02";
const CAN_FINISH = `can_finish of iommufd (IOMMU live update RFC v2); ${MAIL}`;

export const FACT_WORDS: Readonly<Record<StatedFact, FactWords>> = {
  "preserve.iommufd_and_vfio": {
    topic: "accepted",
    what: "an iommufd, or the cdev of a VFIO device",
    says: { true: "accepted", false: "refused with ENOENT" },
    source: "luo_preserve_file, kernel/liveupdate/luo_file.c (v7.3.4); the series add handlers",
  },
  "preserve.kvm": {
    topic: "accepted",
    what: "a VM file of KVM, or a guest_memfd",
    says: { true: "accepted", false: "refused with ENOENT" },
    source: "virt/kvm/kvm_luo.c, guest_memfd_luo.c (KVM guest_memfd preservation, 2026)",
  },
  "preserve.selection": {
    topic: "marked",
    what: "HWPTs are chosen",
    says: {
      none: "not at all",
      mark: "by a mark that stays",
      mark_and_unmark: "by a mark that can be taken back",
    },
    source: MARK,
  },
  "preserve.token_in_use": {
    topic: "marked",
    what: "a mark with the token of another marked HWPT",
    needs: "devices",
    source: MARK,
  },
  "preserve.remark_own_token": {
    topic: "marked",
    what: "a mark with the token that the HWPT has already",
    needs: "devices",
    source: MARK,
  },
  "preserve.non_file_mapping": {
    topic: "accepted",
    what: "an iommufd whose marked HWPT maps memory of no file (IOAS_MAP, a dmabuf)",
    needs: "devices",
    source: IOMMUFD,
  },
  "preserve.unsealed_at_map": {
    topic: "accepted",
    what: "an iommufd whose marked HWPT maps a memfd that lacked SEAL, GROW or SHRINK when mapped",
    needs: "devices",
    source: IOMMUFD,
  },
  "preserve.hwpt_not_preserved": {
    topic: "accepted",
    what: "a cdev attached to a HWPT without a mark",
    needs: "devices",
    source: CDEV,
  },
  "preserve.pasid_attached": {
    topic: "accepted",
    what: "a cdev whose group has PASIDs attached",
    needs: "devices",
    source: CDEV,
  },
  "preserve.device_twice": {
    topic: "accepted",
    what: "a second open of an attached cdev that is preserved already",
    needs: "devices",
    source: CDEV,
  },
  "preserve.unattached_device_twice": {
    topic: "accepted",
    what: "a second open of a cdev that is preserved already and not attached",
    needs: "devices",
    source: VFIO,
  },
  "preserve.iommu_without_support": {
    topic: "accepted",
    what: "an attached cdev behind an IOMMU other than Intel's",
    needs: "devices",
    source: "iommu_domain_preserve, drivers/iommu/liveupdate.c (IOMMU live update v5)",
  },
  "preserve.virtual_function": {
    topic: "accepted",
    what: "the cdev of a virtual function",
    needs: "devices",
    source: "drivers/pci/liveupdate.c (PCI live update)",
  },

  "preserve.memfd_not_in_session": {
    topic: "order",
    what: "an iommufd before the memfds that its marked HWPTs map, in the same session",
    needs: "devices",
    source: IOMMUFD,
  },
  "preserve.iommufd_not_in_session": {
    topic: "order",
    what: "an attached cdev before its iommufd, in the same session",
    needs: "devices",
    source: CDEV,
  },

  "immutable.change_preserved_ioas": {
    topic: "frozen",
    what: "IOAS_MAP, MAP_FILE, COPY into or UNMAP on the IOAS of a preserved HWPT",
    needs: "devices",
    source: IMMUTABLE,
  },
  "immutable.change_preserved_device": {
    topic: "frozen",
    what: "ATTACH, DETACH or replace of a preserved device",
    needs: "devices",
    source: "vfio_iommufd_physical_attach_ioas, drivers/vfio/iommufd.c (IOMMU live update v5)",
  },
  "immutable.destroy_preserved_hwpt": {
    topic: "frozen",
    what: "IOMMU_DESTROY of a preserved HWPT",
    needs: "devices",
    shows_later_in: ["IOMMU_DESTROY"],
    source: IOMMUFD,
  },

  "boot.freeze_stops_device": {
    topic: "crossing",
    what: "a preserved device when reboot(KEXEC) freezes it",
    says: {
      true: "is reset, its DMA stops",
      false: "keeps running, its DMA goes on through the kexec",
    },
    needs: "devices",
    shows_later_in: ["reboot", "boot", "dma", "bus_master"],
    source: VFIO,
  },
  "boot.freeze_with_interrupts": {
    topic: "crossing",
    what: "reboot(KEXEC) while interrupts of a preserved device are on",
    needs: "devices",
    source: VFIO,
  },

  "boot.foreign_bind": {
    topic: "owned",
    what: "BIND_IOMMUFD of a device that arrived to an iommufd that was not retrieved with it",
    needs: "devices",
    source: "iommu_device_claim_dma_owner, drivers/iommu/iommu.c (IOMMU live update v5)",
  },
  "boot.kernel_driver_bind": {
    topic: "owned",
    what: "a kernel driver that uses the DMA API binds to a device that arrived",
    needs: "devices",
    source: OWNER,
  },
  "boot.open_preserved_device": {
    topic: "owned",
    what: "open of the cdev node, or GROUP_GET_DEVICE_FD, of a device that arrived",
    needs: "devices",
    source: VFIO,
  },

  "restore.retrieve_iommufd": {
    topic: "restored",
    what: "RETRIEVE_FD of an iommufd",
    needs: "devices",
    source: "iommufd_liveupdate_retrieve, drivers/iommu/iommufd/liveupdate.c (IOMMU live update)",
  },
  "restore.hwpt_creation": {
    topic: "restored",
    what: "how a restored domain becomes a HWPT",
    says: {
      never: "never",
      at_attach: "by itself, when its device is bound to the retrieved iommufd",
      by_ioctl: "by IOMMU_HWPT_LU_RESTORE with its token",
    },
    needs: "devices",
    source: `${RESTORE}; ${MAIL}`,
  },
  "restore.restore_twice": {
    topic: "restored",
    what: "IOMMU_HWPT_LU_RESTORE of a token that was restored before",
    says: { undefined: "returns the same id" },
    needs: "handle",
    source: RESTORE,
  },
  "restore.restore_before_bind": {
    topic: "restored",
    what: "IOMMU_HWPT_LU_RESTORE before every device of the domain is bound",
    needs: "handle",
    source: RESTORE,
  },
  "restore.bind_stops_device": {
    topic: "restored",
    what: "BIND_IOMMUFD of a device that arrived running",
    says: { true: "turns its bus mastering off", false: "leaves its bus mastering on" },
    needs: "devices",
    source: "vfio_pci_core_enable, drivers/vfio/pci/vfio_pci_core.c (v7.3.4), observed",
  },

  "restore.destroy_attached_restored": {
    topic: "replaced",
    what: "IOMMU_DESTROY of a restored HWPT that is still attached",
    needs: "handle",
    source: `${RESTORE}; ${MAIL}`,
  },
  "restore.attach_other_device": {
    topic: "replaced",
    what: "ATTACH of a device that did not come with a restored HWPT to it",
    needs: "handle",
    source: MAIL,
  },
  "restore.attach_back": {
    topic: "replaced",
    what: "ATTACH of a device back to the restored HWPT that it was replaced off",
    needs: "handle",
    source: MAIL,
  },
  "restore.change_retrieved_memfd": {
    topic: "replaced",
    what: "truncating, punching or growing a retrieved memfd before FINISH",
    shows_later_in: ["ftruncate", "fallocate", "write", "pwrite"],
    source: "memfd_luo_retrieve, mm/memfd_luo.c (v7.3.4); Gunthorpe, 2025-10-02",
  },

  "finish.with_live_domain": {
    topic: "finished",
    what: "FINISH while an iommufd was not retrieved, or a restored HWPT is still attached",
    needs: "devices",
    source: CAN_FINISH,
  },
  "finish.with_unrestored_hwpt": {
    topic: "finished",
    what: "FINISH while a preserved HWPT was never restored by its token",
    needs: "retrieval",
    source: CAN_FINISH,
  },
  "finish.with_memfd_in_use": {
    topic: "finished",
    what: "FINISH while a restored domain maps a memfd that was not retrieved",
    needs: "devices",
    source: MAIL,
  },
  "finish.with_unbound_device": {
    topic: "finished",
    what: "FINISH while a cdev was not retrieved, or not bound after that",
    needs: "devices",
    source: VFIO,
  },
  "finish.frees_domains": {
    topic: "finished",
    what: "FINISH and the restored domains",
    says: { true: "frees them", false: "leaves them alone: who claimed them frees them" },
    needs: "devices",
    source: MAIL,
  },
};
