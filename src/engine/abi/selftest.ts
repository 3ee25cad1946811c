/** Layouts of IOMMU_TEST_CMD by op, 1 to 12: drivers/iommu/iommufd/iommufd_test.h (v7.3.4). */

import { defineStruct, u32, u64 } from "./layout.js";

/** `struct iommu_test_cmd`, op 1. */
export const IOMMU_TEST_OP_ADD_RESERVED = defineStruct({
  name: "IOMMU_TEST_OP_ADD_RESERVED",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 1,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    start: u64(16),
    length: u64(24),
  },
});

/** `struct iommu_test_cmd`, op 2. */
export const IOMMU_TEST_OP_MOCK_DOMAIN = defineStruct({
  name: "IOMMU_TEST_OP_MOCK_DOMAIN",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 2,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    out_stdev_id: u32(16),
    out_hwpt_id: u32(20),
    out_idev_id: u32(24),
  },
});

/** `struct iommu_test_cmd`, op 3. */
export const IOMMU_TEST_OP_MD_CHECK_MAP = defineStruct({
  name: "IOMMU_TEST_OP_MD_CHECK_MAP",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 3,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    iova: u64(16),
    length: u64(24),
    uptr: u64(32),
  },
});

/** `struct iommu_test_cmd`, op 4. */
export const IOMMU_TEST_OP_MD_CHECK_REFS = defineStruct({
  name: "IOMMU_TEST_OP_MD_CHECK_REFS",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 4,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    length: u64(16),
    uptr: u64(24),
    refs: u32(32),
  },
});

/** `struct iommu_test_cmd`, op 5. */
export const IOMMU_TEST_OP_CREATE_ACCESS = defineStruct({
  name: "IOMMU_TEST_OP_CREATE_ACCESS",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 5,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    out_access_fd: u32(16),
    flags: u32(20),
  },
});

/** `struct iommu_test_cmd`, op 6. */
export const IOMMU_TEST_OP_DESTROY_ACCESS_PAGES = defineStruct({
  name: "IOMMU_TEST_OP_DESTROY_ACCESS_PAGES",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 6,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    access_pages_id: u32(16),
  },
});

/** `struct iommu_test_cmd`, op 7. */
export const IOMMU_TEST_OP_ACCESS_PAGES = defineStruct({
  name: "IOMMU_TEST_OP_ACCESS_PAGES",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 7,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    flags: u32(16),
    out_access_pages_id: u32(20),
    iova: u64(24),
    length: u64(32),
    uptr: u64(40),
  },
});

/** `struct iommu_test_cmd`, op 8. */
export const IOMMU_TEST_OP_ACCESS_RW = defineStruct({
  name: "IOMMU_TEST_OP_ACCESS_RW",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 8,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    iova: u64(16),
    length: u64(24),
    uptr: u64(32),
    flags: u32(40),
  },
});

/** `struct iommu_test_cmd`, op 9. */
export const IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT = defineStruct({
  name: "IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 9,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    limit: u32(16),
  },
});

/** `struct iommu_test_cmd`, op 10. */
export const IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE = defineStruct({
  name: "IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 10,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    pt_id: u32(16),
  },
});

/** `struct iommu_test_cmd`, op 11. */
export const IOMMU_TEST_OP_ACCESS_REPLACE_IOAS = defineStruct({
  name: "IOMMU_TEST_OP_ACCESS_REPLACE_IOAS",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 11,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    ioas_id: u32(16),
  },
});

/** `struct iommu_test_cmd`, op 12. */
export const IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS = defineStruct({
  name: "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS",
  request: 0x3ba0,
  length_bytes: 72,
  minimum_bytes: 68,
  size_field: "size",
  selftest_op: 12,
  fields: {
    size: u32(0),
    op: u32(4),
    id: u32(8),
    __reserved: u32(12),
    out_stdev_id: u32(16),
    out_hwpt_id: u32(20),
    out_idev_id: u32(24),
    dev_flags: u32(28),
  },
});
