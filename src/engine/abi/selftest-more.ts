/** Layouts of IOMMU_TEST_CMD by op, 13 to 23: drivers/iommu/iommufd/iommufd_test.h (v7.3.4). */

import { defineStruct, s32, u32, u64 } from "./layout.js";

/** `struct iommu_test_cmd`, op 13. */
export const IOMMU_TEST_OP_DIRTY = defineStruct({
  name: "IOMMU_TEST_OP_DIRTY",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 13,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    flags: u32(16),
    iova: u64(24),
    length: u64(32),
    page_size: u64(40),
    uptr: u64(48),
    out_nr_dirty: u64(56),
  },
});

/** `struct iommu_test_cmd`, op 14. */
export const IOMMU_TEST_OP_MD_CHECK_IOTLB = defineStruct({
  name: "IOMMU_TEST_OP_MD_CHECK_IOTLB",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 14,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    check_id: u32(16),
    iotlb: u32(20),
  },
});

/** `struct iommu_test_cmd`, op 15. */
export const IOMMU_TEST_OP_TRIGGER_IOPF = defineStruct({
  name: "IOMMU_TEST_OP_TRIGGER_IOPF",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 15,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    dev_id: u32(16),
    pasid: u32(20),
    grpid: u32(24),
    perm: u32(28),
    addr: u64(32),
  },
});

/** `struct iommu_test_cmd`, op 16. */
export const IOMMU_TEST_OP_DEV_CHECK_CACHE = defineStruct({
  name: "IOMMU_TEST_OP_DEV_CHECK_CACHE",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 16,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    check_id: u32(16),
    cache: u32(20),
  },
});

/** `struct iommu_test_cmd`, op 17. */
export const IOMMU_TEST_OP_TRIGGER_VEVENT = defineStruct({
  name: "IOMMU_TEST_OP_TRIGGER_VEVENT",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 17,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    dev_id: u32(16),
  },
});

/** `struct iommu_test_cmd`, op 18. */
export const IOMMU_TEST_OP_PASID_ATTACH = defineStruct({
  name: "IOMMU_TEST_OP_PASID_ATTACH",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 18,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    pasid: u32(16),
    pt_id: u32(20),
  },
});

/** `struct iommu_test_cmd`, op 19. */
export const IOMMU_TEST_OP_PASID_REPLACE = defineStruct({
  name: "IOMMU_TEST_OP_PASID_REPLACE",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 19,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    pasid: u32(16),
    pt_id: u32(20),
  },
});

/** `struct iommu_test_cmd`, op 20. */
export const IOMMU_TEST_OP_PASID_DETACH = defineStruct({
  name: "IOMMU_TEST_OP_PASID_DETACH",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 20,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    pasid: u32(16),
  },
});

/** `struct iommu_test_cmd`, op 21. */
export const IOMMU_TEST_OP_PASID_CHECK_HWPT = defineStruct({
  name: "IOMMU_TEST_OP_PASID_CHECK_HWPT",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 21,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    pasid: u32(16),
    hwpt_id: u32(20),
  },
});

/** `struct iommu_test_cmd`, op 22. */
export const IOMMU_TEST_OP_DMABUF_GET = defineStruct({
  name: "IOMMU_TEST_OP_DMABUF_GET",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 22,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    length: u32(16),
    open_flags: u32(20),
  },
});

/** `struct iommu_test_cmd`, op 23. */
export const IOMMU_TEST_OP_DMABUF_REVOKE = defineStruct({
  name: "IOMMU_TEST_OP_DMABUF_REVOKE",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 23,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    dmabuf_fd: s32(16),
    revoked: u32(20),
  },
});
