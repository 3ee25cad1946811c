/** Layouts of the iommufd ioctls on objects and IOASes: include/uapi/linux/iommufd.h (v7.3.4). */

import { defineStruct, s32, u16, u32, u64 } from "./layout.js";

/** `struct iommu_destroy`, request 0x3b80. */
export const IOMMU_DESTROY = defineStruct({
  name: "IOMMU_DESTROY",
  request: 0x3b80,
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: "size",
  fields: {
    size: u32(0),
    id: u32(4),
  },
});

/** `struct iommu_ioas_alloc`, request 0x3b81. */
export const IOMMU_IOAS_ALLOC = defineStruct({
  name: "IOMMU_IOAS_ALLOC",
  request: 0x3b81,
  length_bytes: 12,
  minimum_bytes: 12,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    out_ioas_id: u32(8),
  },
});

/** `struct iommu_ioas_allow_iovas`, request 0x3b82. */
export const IOMMU_IOAS_ALLOW_IOVAS = defineStruct({
  name: "IOMMU_IOAS_ALLOW_IOVAS",
  request: 0x3b82,
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: "size",
  fields: {
    size: u32(0),
    ioas_id: u32(4),
    num_iovas: u32(8),
    __reserved: u32(12),
    allowed_iovas: u64(16),
  },
});

/** `struct iommu_ioas_copy`, request 0x3b83. */
export const IOMMU_IOAS_COPY = defineStruct({
  name: "IOMMU_IOAS_COPY",
  request: 0x3b83,
  length_bytes: 40,
  minimum_bytes: 40,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    dst_ioas_id: u32(8),
    src_ioas_id: u32(12),
    length: u64(16),
    dst_iova: u64(24),
    src_iova: u64(32),
  },
});

/** `struct iommu_ioas_iova_ranges`, request 0x3b84. */
export const IOMMU_IOAS_IOVA_RANGES = defineStruct({
  name: "IOMMU_IOAS_IOVA_RANGES",
  request: 0x3b84,
  length_bytes: 32,
  minimum_bytes: 32,
  size_field: "size",
  fields: {
    size: u32(0),
    ioas_id: u32(4),
    num_iovas: u32(8),
    __reserved: u32(12),
    allowed_iovas: u64(16),
    out_iova_alignment: u64(24),
  },
});

/** `struct iommu_ioas_map`, request 0x3b85. */
export const IOMMU_IOAS_MAP = defineStruct({
  name: "IOMMU_IOAS_MAP",
  request: 0x3b85,
  length_bytes: 40,
  minimum_bytes: 40,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    ioas_id: u32(8),
    __reserved: u32(12),
    user_va: u64(16),
    length: u64(24),
    iova: u64(32),
  },
});

/** `struct iommu_ioas_unmap`, request 0x3b86. */
export const IOMMU_IOAS_UNMAP = defineStruct({
  name: "IOMMU_IOAS_UNMAP",
  request: 0x3b86,
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: "size",
  fields: {
    size: u32(0),
    ioas_id: u32(4),
    iova: u64(8),
    length: u64(16),
  },
});

/** `struct iommu_option`, request 0x3b87. */
export const IOMMU_OPTION = defineStruct({
  name: "IOMMU_OPTION",
  request: 0x3b87,
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: "size",
  fields: {
    size: u32(0),
    option_id: u32(4),
    op: u16(8),
    __reserved: u16(10),
    object_id: u32(12),
    val64: u64(16),
  },
});

/** `struct iommu_vfio_ioas`, request 0x3b88. */
export const IOMMU_VFIO_IOAS = defineStruct({
  name: "IOMMU_VFIO_IOAS",
  request: 0x3b88,
  length_bytes: 12,
  minimum_bytes: 12,
  size_field: "size",
  fields: {
    size: u32(0),
    ioas_id: u32(4),
    op: u16(8),
    __reserved: u16(10),
  },
});

/** `struct iommu_ioas_map_file`, request 0x3b8f. */
export const IOMMU_IOAS_MAP_FILE = defineStruct({
  name: "IOMMU_IOAS_MAP_FILE",
  request: 0x3b8f,
  length_bytes: 40,
  minimum_bytes: 40,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    ioas_id: u32(8),
    fd: s32(12),
    start: u64(16),
    length: u64(24),
    iova: u64(32),
  },
});

/** `struct iommu_ioas_change_process`, request 0x3b92. */
export const IOMMU_IOAS_CHANGE_PROCESS = defineStruct({
  name: "IOMMU_IOAS_CHANGE_PROCESS",
  request: 0x3b92,
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: "size",
  fields: {
    size: u32(0),
    __reserved: u32(4),
  },
});

/** `struct iommu_ioas_noiommu_get_pa`, request 0x3b95. */
export const IOMMU_IOAS_NOIOMMU_GET_PA = defineStruct({
  name: "IOMMU_IOAS_NOIOMMU_GET_PA",
  request: 0x3b95,
  length_bytes: 40,
  minimum_bytes: 40,
  size_field: "size",
  fields: {
    size: u32(0),
    flags: u32(4),
    ioas_id: u32(8),
    __reserved: u32(12),
    iova: u64(16),
    length: u64(24),
    out_phys: u64(32),
  },
});
