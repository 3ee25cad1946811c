import type { Profile, ProfileId } from "./profile.js";

export type { Profile, ProfileId } from "./profile.js";

const SERIES_REQUESTS = {
  IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE: 0x3b96,
  IOMMU_HWPT_LU_RESTORE: 0x3b97,
};

export const PROFILES: Readonly<Record<ProfileId, Profile>> = {
  luo73: {
    id: "luo73",
    title: "merged kernel: only memfds can be preserved",
    source: "Linux v7.3.4, kernel/liveupdate and mm/memfd_luo.c",
    preserves_iommufd: false,
    requests: {},
    preserved_ioas_errno: undefined,
    retrieve_iommufd_errno: undefined,
  },
  seed: {
    id: "seed",
    title: "the agreed model of the seed mail",
    source: "S. Khawaja, Re: [RFC PATCH 13/15] iommufd: Persist iommu domains, 2025-10-02",
    preserves_iommufd: true,
    requests: SERIES_REQUESTS,
    preserved_ioas_errno: "EBUSY",
    retrieve_iommufd_errno: undefined,
  },
  rfc2: {
    id: "rfc2",
    title: "RFC v2 prototype",
    source: "IOMMU live update RFC v2, 2025-12-02",
    preserves_iommufd: true,
    requests: SERIES_REQUESTS,
    preserved_ioas_errno: "EBUSY",
    retrieve_iommufd_errno: undefined,
  },
  p1v1: {
    id: "p1v1",
    title: "posted series, phase 1, v1",
    source: "IOMMU live update v1, 2026-02-03",
    preserves_iommufd: true,
    requests: SERIES_REQUESTS,
    preserved_ioas_errno: "EBUSY",
    retrieve_iommufd_errno: "EOPNOTSUPP",
  },
  p1v5: {
    id: "p1v5",
    title: "posted series, phase 1, v5",
    source: "IOMMU live update v5, 2026-09-21",
    preserves_iommufd: true,
    requests: SERIES_REQUESTS,
    preserved_ioas_errno: "EBUSY",
    retrieve_iommufd_errno: "EOPNOTSUPP",
  },
  p2: {
    id: "p2",
    title: "newest preserve side with a restore side",
    source: "IOMMU live update v5 with the RFC v2 restore side",
    preserves_iommufd: true,
    requests: SERIES_REQUESTS,
    preserved_ioas_errno: "EBUSY",
    retrieve_iommufd_errno: undefined,
  },
};

export function isProfileId(id: string): id is ProfileId {
  return Object.hasOwn(PROFILES, id);
}
