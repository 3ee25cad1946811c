/**
 * Layouts of the iommufd ioctls on HWPTs, vIOMMUs and queues: include/uapi/linux/iommufd.h
 * (v7.3.4).
 */

import { bytes, defineStruct, u8, u32, u64 } from "./layout.js";

/** `struct iommu_hwpt_alloc`, request 0x3b89. */
export const IOMMU_HWPT_ALLOC = defineStruct({
  name: "IOMMU_HWPT_ALLOC",
  request: 0x3b89,
  length_bytes: 48,
  minimum_bytes: 24,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    dev_id: u32(8),
    pt_id: u32(12),
    out_hwpt_id: u32(16),
    __reserved: u32(20),
    data_type: u32(24),
    data_len: u32(28),
    data_uptr: u64(32),
    fault_id: u32(40),
    __reserved2: u32(44),
  },
});

/** `struct iommu_hw_info`, request 0x3b8a. */
export const IOMMU_GET_HW_INFO = defineStruct({
  name: "IOMMU_GET_HW_INFO",
  request: 0x3b8a,
  length_bytes: 40,
  minimum_bytes: 32,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    dev_id: u32(8),
    data_len: u32(12),
    data_uptr: u64(16),
    in_data_type: u32(24),
    out_max_pasid_log2: u8(28),
    __reserved: bytes(29, 3),
    out_capabilities: u64(32),
  },
});

/** `struct iommu_hwpt_set_dirty_tracking`, request 0x3b8b. */
export const IOMMU_HWPT_SET_DIRTY_TRACKING = defineStruct({
  name: "IOMMU_HWPT_SET_DIRTY_TRACKING",
  request: 0x3b8b,
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    hwpt_id: u32(8),
    __reserved: u32(12),
  },
});

/** `struct iommu_hwpt_get_dirty_bitmap`, request 0x3b8c. */
export const IOMMU_HWPT_GET_DIRTY_BITMAP = defineStruct({
  name: "IOMMU_HWPT_GET_DIRTY_BITMAP",
  request: 0x3b8c,
  length_bytes: 48,
  minimum_bytes: 48,
  size_field: "size",
  fields: {
    size: u32(0),
    hwpt_id: u32(4),
    flags: u32(8),
    __reserved: u32(12),
    iova: u64(16),
    length: u64(24),
    page_size: u64(32),
    data: u64(40),
  },
});

/** `struct iommu_hwpt_invalidate`, request 0x3b8d. */
export const IOMMU_HWPT_INVALIDATE = defineStruct({
  name: "IOMMU_HWPT_INVALIDATE",
  request: 0x3b8d,
  length_bytes: 32,
  minimum_bytes: 32,
  size_field: "size",
  fields: {
    size: u32(0),
    hwpt_id: u32(4),
    data_uptr: u64(8),
    data_type: u32(16),
    entry_len: u32(20),
    entry_num: u32(24),
    __reserved: u32(28),
  },
});

/** `struct iommu_fault_alloc`, request 0x3b8e. */
export const IOMMU_FAULT_QUEUE_ALLOC = defineStruct({
  name: "IOMMU_FAULT_QUEUE_ALLOC",
  request: 0x3b8e,
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    out_fault_id: u32(8),
    out_fault_fd: u32(12),
  },
});

/** `struct iommu_viommu_alloc`, request 0x3b90. */
export const IOMMU_VIOMMU_ALLOC = defineStruct({
  name: "IOMMU_VIOMMU_ALLOC",
  request: 0x3b90,
  length_bytes: 40,
  minimum_bytes: 24,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    type: u32(8),
    dev_id: u32(12),
    hwpt_id: u32(16),
    out_viommu_id: u32(20),
    data_len: u32(24),
    __reserved: u32(28),
    data_uptr: u64(32),
  },
});

/** `struct iommu_vdevice_alloc`, request 0x3b91. */
export const IOMMU_VDEVICE_ALLOC = defineStruct({
  name: "IOMMU_VDEVICE_ALLOC",
  request: 0x3b91,
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: "size",
  fields: {
    size: u32(0),
    viommu_id: u32(4),
    dev_id: u32(8),
    out_vdevice_id: u32(12),
    virt_id: u64(16),
  },
});

/** `struct iommu_veventq_alloc`, request 0x3b93. */
export const IOMMU_VEVENTQ_ALLOC = defineStruct({
  name: "IOMMU_VEVENTQ_ALLOC",
  request: 0x3b93,
  length_bytes: 32,
  minimum_bytes: 28,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    viommu_id: u32(8),
    type: u32(12),
    veventq_depth: u32(16),
    out_veventq_id: u32(20),
    out_veventq_fd: u32(24),
    __reserved: u32(28),
  },
});

/** `struct iommu_hw_queue_alloc`, request 0x3b94. */
export const IOMMU_HW_QUEUE_ALLOC = defineStruct({
  name: "IOMMU_HW_QUEUE_ALLOC",
  request: 0x3b94,
  length_bytes: 40,
  minimum_bytes: 40,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    viommu_id: u32(8),
    type: u32(12),
    index: u32(16),
    out_hw_queue_id: u32(20),
    nesting_parent_iova: u64(24),
    length: u64(32),
  },
});

/** Posted series (IOMMU live update v2 and later); the number is a property of the profile. */
export const IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE = defineStruct({
  name: "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE",
  request: 0x3b96,
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: "size",
  fields: {
    size: u32(0),
    hwpt_id: u32(4),
    hwpt_token: u64(8),
  },
});

/** RFC v2 restore ioctl; the number is a property of the profile. */
export const IOMMU_HWPT_LU_RESTORE = defineStruct({
  name: "IOMMU_HWPT_LU_RESTORE",
  request: 0x3b97,
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: "size",
  fields: {
    size: u32(0),
    pt_id: u32(4),
    hwpt_token: u32(8),
    hwpt_alloc_flags: u32(12),
  },
});
