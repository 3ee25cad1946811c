/**
 * Marking a HWPT in the earlier series. v7.3 uses the number they had, 0x3b95, for another command,
 * so these have no number here: a profile that knows the command gives it one.
 */

import { defineStruct, u8, u32 } from "./layout.js";

/** IOMMU live update RFC v2 (2025-12-02): the mark can be taken back. */
export const IOMMU_HWPT_LU_SET_PRESERVED = defineStruct({
  name: "IOMMU_HWPT_LU_SET_PRESERVED",
  length_bytes: 16,
  minimum_bytes: 13,
  size_field: "size",
  fields: {
    size: u32(0),
    hwpt_id: u32(4),
    hwpt_token: u32(8),
    preserved: u8(12),
  },
});

/** IOMMU live update v1 (2026-02-03). */
export const IOMMU_HWPT_LU_SET_PRESERVE = defineStruct({
  name: "IOMMU_HWPT_LU_SET_PRESERVE",
  length_bytes: 12,
  minimum_bytes: 12,
  size_field: "size",
  fields: {
    size: u32(0),
    hwpt_id: u32(4),
    hwpt_token: u32(8),
  },
});
