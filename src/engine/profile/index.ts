/**
 * The profiles. `luo73` is the merged kernel, `seed` the model that the seed mail agreed on, the
 * others the posted series. Values follow the mails and trees named in `source`; those marked
 * "observed" were seen on a kernel that carries the series.
 */

import type {
  BootSemantics,
  ImmutableSemantics,
  PreserveSemantics,
  Profile,
  ProfileId,
} from "./profile.js";

export type { Profile, ProfileId } from "./profile.js";

/** Numbers of a kernel that carries the series on top of v7.3, whose 0x95 is taken; observed. */
const SERIES_REQUESTS = {
  IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE: 0x3b96,
  IOMMU_HWPT_LU_RESTORE: 0x3b97,
};

/** The newest preserve side, as posted and as observed. */
const NEWEST_PRESERVE: PreserveSemantics = {
  iommufd_and_vfio: true,
  kvm: false,
  selection: "mark",
  token_in_use: "EADDRINUSE",
  remark_own_token: "EADDRINUSE",
  non_file_mapping: "EINVAL",
  unsealed_at_map: "EINVAL",
  memfd_not_in_session: "ENOENT",
  iommufd_not_in_session: "ENOENT",
  hwpt_not_preserved: "EINVAL",
  pasid_attached: "EOPNOTSUPP",
  device_twice: "EINVAL",
  unattached_device_twice: "EBUSY",
  iommu_without_support: "EOPNOTSUPP",
  virtual_function: "EOPNOTSUPP",
};

const NEWEST_IMMUTABLE: ImmutableSemantics = {
  change_preserved_ioas: "EBUSY",
  change_preserved_device: "EBUSY",
  destroy_preserved_hwpt: "EBUSY",
};

/** The device keeps running through the update, and the next kernel guards it. */
const OWNED_BOOT: BootSemantics = {
  freeze_stops_device: false,
  freeze_with_interrupts: "EINVAL",
  foreign_bind: "EPERM",
  kernel_driver_bind: "EBUSY",
  open_preserved_device: "EBUSY",
};

const luo73: Profile = {
  id: "luo73",
  title: "merged kernel: only memfds can be preserved",
  source: "Linux v7.3.4: kernel/liveupdate, mm/memfd_luo.c",
  requests: {},
  preserve: { ...NEWEST_PRESERVE, iommufd_and_vfio: false, selection: "none" },
  immutable: {
    change_preserved_ioas: undefined,
    change_preserved_device: undefined,
    destroy_preserved_hwpt: undefined,
  },
  boot: {
    freeze_stops_device: false,
    freeze_with_interrupts: undefined,
    foreign_bind: undefined,
    kernel_driver_bind: undefined,
    open_preserved_device: undefined,
  },
  restore: {
    retrieve_iommufd: undefined,
    hwpt_creation: "never",
    restore_twice: undefined,
    restore_before_bind: undefined,
    bind_stops_device: true,
    destroy_attached_restored: undefined,
    attach_other_device: undefined,
    attach_back: undefined,
    change_retrieved_memfd: undefined,
  },
  finish: {
    with_live_domain: undefined,
    with_unrestored_hwpt: undefined,
    with_memfd_in_use: undefined,
    with_unbound_device: undefined,
    frees_domains: false,
  },
};

const p2: Profile = {
  id: "p2",
  title: "newest preserve side with a restore side",
  source: "IOMMU live update v5 (2026-09-21) with the RFC v2 restore ioctl; observed",
  requests: SERIES_REQUESTS,
  preserve: { ...NEWEST_PRESERVE, kvm: true },
  immutable: NEWEST_IMMUTABLE,
  boot: OWNED_BOOT,
  restore: {
    retrieve_iommufd: undefined,
    hwpt_creation: "by_ioctl",
    restore_twice: "ENOENT",
    restore_before_bind: undefined,
    bind_stops_device: true,
    destroy_attached_restored: "EBUSY",
    attach_other_device: undefined,
    attach_back: undefined,
    change_retrieved_memfd: undefined,
  },
  finish: {
    with_live_domain: "EBUSY",
    with_unrestored_hwpt: "EBUSY",
    with_memfd_in_use: undefined,
    with_unbound_device: "EBUSY",
    frees_domains: false,
  },
};

const p1v5: Profile = {
  ...p2,
  id: "p1v5",
  title: "posted series, phase 1, v5: nothing can be restored yet",
  source: "IOMMU live update v5 (2026-09-21), VFIO live update v5 (2026-07-14); observed",
  preserve: NEWEST_PRESERVE,
  boot: { ...OWNED_BOOT, freeze_stops_device: true },
  restore: { ...p2.restore, retrieve_iommufd: "EOPNOTSUPP", hwpt_creation: "never" },
};

const p1v1: Profile = {
  ...p1v5,
  id: "p1v1",
  title: "posted series, phase 1, v1",
  source: "IOMMU live update v1 (2026-02-03)",
  requests: { ...SERIES_REQUESTS, IOMMU_HWPT_LU_SET_PRESERVE: 0x3b95 },
  preserve: {
    ...NEWEST_PRESERVE,
    remark_own_token: undefined,
    pasid_attached: undefined,
    device_twice: undefined,
  },
  immutable: { ...NEWEST_IMMUTABLE, change_preserved_device: undefined },
};

const rfc2: Profile = {
  ...p2,
  id: "rfc2",
  title: "RFC v2 prototype: lax preserve, restore by ioctl",
  source: "IOMMU live update RFC v2 (2025-12-02)",
  requests: { ...SERIES_REQUESTS, IOMMU_HWPT_LU_SET_PRESERVED: 0x3b95 },
  preserve: {
    ...NEWEST_PRESERVE,
    selection: "mark_and_unmark",
    remark_own_token: undefined,
    non_file_mapping: undefined,
    unsealed_at_map: undefined,
    memfd_not_in_session: undefined,
    iommufd_not_in_session: undefined,
    hwpt_not_preserved: undefined,
    pasid_attached: undefined,
    device_twice: undefined,
    unattached_device_twice: undefined,
    virtual_function: undefined,
  },
  immutable: {
    change_preserved_ioas: "EBUSY",
    change_preserved_device: undefined,
    destroy_preserved_hwpt: undefined,
  },
  boot: { ...OWNED_BOOT, freeze_with_interrupts: undefined },
  restore: { ...p2.restore, restore_before_bind: "ENODEV" },
};

/**
 * Where the mail leaves a choice: FINISH may refuse while restored domains are attached, and here
 * it
 * does (a refusal frees nothing); the restored handle can only be replaced and destroyed.
 */
const seed: Profile = {
  ...p2,
  id: "seed",
  title: "the model the seed mail agreed on",
  source:
    "S. Khawaja, Re: [RFC PATCH 13/15] iommufd: Persist iommu domains for live update, 2025-10-02",
  preserve: { ...NEWEST_PRESERVE, unsealed_at_map: undefined, pasid_attached: undefined },
  boot: { ...OWNED_BOOT, freeze_with_interrupts: undefined },
  restore: {
    retrieve_iommufd: undefined,
    hwpt_creation: "at_attach",
    restore_twice: undefined,
    restore_before_bind: "ENODEV",
    bind_stops_device: false,
    destroy_attached_restored: "EBUSY",
    attach_other_device: "EINVAL",
    attach_back: "EINVAL",
    change_retrieved_memfd: "EPERM",
  },
  finish: {
    with_live_domain: "EBUSY",
    with_unrestored_hwpt: undefined,
    with_memfd_in_use: "EBUSY",
    with_unbound_device: "EBUSY",
    frees_domains: false,
  },
};

export const PROFILES: Readonly<Record<ProfileId, Profile>> = {
  luo73,
  seed,
  rfc2,
  p1v1,
  p1v5,
  p2,
};

export function isProfileId(id: string): id is ProfileId {
  return Object.hasOwn(PROFILES, id);
}
