/** Layouts of the VFIO ioctl arguments: include/uapi/linux/vfio.h (v7.3.4). */

import { bytes, defineStruct, s32, u32, u64 } from "./layout.js";
/** Request 0x3b64: the argument is a value, not a struct. */
export const VFIO_GET_API_VERSION = defineStruct({
  name: "VFIO_GET_API_VERSION",
  request: 0x3b64,
  length_bytes: 0,
  minimum_bytes: 0,
  size_field: null,
  fields: {},
});

/** Request 0x3b65: the argument is a value, not a struct. */
export const VFIO_CHECK_EXTENSION = defineStruct({
  name: "VFIO_CHECK_EXTENSION",
  request: 0x3b65,
  length_bytes: 0,
  minimum_bytes: 0,
  size_field: null,
  fields: {},
});

/** Request 0x3b66: the argument is a value, not a struct. */
export const VFIO_SET_IOMMU = defineStruct({
  name: "VFIO_SET_IOMMU",
  request: 0x3b66,
  length_bytes: 0,
  minimum_bytes: 0,
  size_field: null,
  fields: {},
});

/** `struct vfio_iommu_type1_info`, request 0x3b70. */
export const VFIO_IOMMU_GET_INFO = defineStruct({
  name: "VFIO_IOMMU_GET_INFO",
  request: 0x3b70,
  length_bytes: 24,
  minimum_bytes: 16,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    iova_pgsizes: u64(8),
    cap_offset: u32(16),
    pad: u32(20),
  },
});

/** `struct vfio_iommu_type1_dma_map`, request 0x3b71. */
export const VFIO_IOMMU_MAP_DMA = defineStruct({
  name: "VFIO_IOMMU_MAP_DMA",
  request: 0x3b71,
  length_bytes: 32,
  minimum_bytes: 32,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    vaddr: u64(8),
    iova: u64(16),
    size: u64(24),
  },
});

/** `struct vfio_iommu_type1_dma_unmap`, request 0x3b72. */
export const VFIO_IOMMU_UNMAP_DMA = defineStruct({
  name: "VFIO_IOMMU_UNMAP_DMA",
  request: 0x3b72,
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    iova: u64(8),
    size: u64(16),
  },
});

/** `struct vfio_device_info`, request 0x3b6b. */
export const VFIO_DEVICE_GET_INFO = defineStruct({
  name: "VFIO_DEVICE_GET_INFO",
  request: 0x3b6b,
  length_bytes: 24,
  minimum_bytes: 16,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    num_regions: u32(8),
    num_irqs: u32(12),
    cap_offset: u32(16),
    pad: u32(20),
  },
});

/** `struct vfio_region_info`, request 0x3b6c. */
export const VFIO_DEVICE_GET_REGION_INFO = defineStruct({
  name: "VFIO_DEVICE_GET_REGION_INFO",
  request: 0x3b6c,
  length_bytes: 32,
  minimum_bytes: 32,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    index: u32(8),
    cap_offset: u32(12),
    size: u64(16),
    offset: u64(24),
  },
});

/** `struct vfio_irq_info`, request 0x3b6d. */
export const VFIO_DEVICE_GET_IRQ_INFO = defineStruct({
  name: "VFIO_DEVICE_GET_IRQ_INFO",
  request: 0x3b6d,
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    index: u32(8),
    count: u32(12),
  },
});

/** `struct vfio_irq_set`, request 0x3b6e. */
export const VFIO_DEVICE_SET_IRQS = defineStruct({
  name: "VFIO_DEVICE_SET_IRQS",
  request: 0x3b6e,
  length_bytes: 20,
  minimum_bytes: 20,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    index: u32(8),
    start: u32(12),
    count: u32(16),
  },
});

/** Request 0x3b6f: the argument is a value, not a struct. */
export const VFIO_DEVICE_RESET = defineStruct({
  name: "VFIO_DEVICE_RESET",
  request: 0x3b6f,
  length_bytes: 0,
  minimum_bytes: 0,
  size_field: null,
  fields: {},
});

/** `struct vfio_device_feature`, request 0x3b75. */
export const VFIO_DEVICE_FEATURE = defineStruct({
  name: "VFIO_DEVICE_FEATURE",
  request: 0x3b75,
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
  },
});

/** `struct vfio_device_bind_iommufd`, request 0x3b76. */
export const VFIO_DEVICE_BIND_IOMMUFD = defineStruct({
  name: "VFIO_DEVICE_BIND_IOMMUFD",
  request: 0x3b76,
  length_bytes: 24,
  minimum_bytes: 16,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    iommufd: s32(8),
    out_devid: u32(12),
    token_uuid_ptr: u64(16),
  },
});

/** `struct vfio_device_attach_iommufd_pt`, request 0x3b77. */
export const VFIO_DEVICE_ATTACH_IOMMUFD_PT = defineStruct({
  name: "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
  request: 0x3b77,
  length_bytes: 16,
  minimum_bytes: 12,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    pt_id: u32(8),
    pasid: u32(12),
  },
});

/** `struct vfio_device_detach_iommufd_pt`, request 0x3b78. */
export const VFIO_DEVICE_DETACH_IOMMUFD_PT = defineStruct({
  name: "VFIO_DEVICE_DETACH_IOMMUFD_PT",
  request: 0x3b78,
  length_bytes: 12,
  minimum_bytes: 8,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    pasid: u32(8),
  },
});

/** `struct vfio_precopy_info`, request 0x3b79. */
export const VFIO_MIG_GET_PRECOPY_INFO = defineStruct({
  name: "VFIO_MIG_GET_PRECOPY_INFO",
  request: 0x3b79,
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
    initial_bytes: u64(8),
    dirty_bytes: u64(16),
  },
});

/** `struct vfio_group_status`, request 0x3b67. */
export const VFIO_GROUP_GET_STATUS = defineStruct({
  name: "VFIO_GROUP_GET_STATUS",
  request: 0x3b67,
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: "argsz",
  fields: {
    argsz: u32(0),
    flags: u32(4),
  },
});

/** Request 0x3b68: the argument points to the number of the container's descriptor. */
export const VFIO_GROUP_SET_CONTAINER = defineStruct({
  name: "VFIO_GROUP_SET_CONTAINER",
  request: 0x3b68,
  length_bytes: 4,
  minimum_bytes: 4,
  size_field: null,
  fields: {
    container: s32(0),
  },
});

/** Request 0x3b69: the argument is a value, not a struct. */
export const VFIO_GROUP_UNSET_CONTAINER = defineStruct({
  name: "VFIO_GROUP_UNSET_CONTAINER",
  request: 0x3b69,
  length_bytes: 0,
  minimum_bytes: 0,
  size_field: null,
  fields: {},
});

/**
 * Request 0x3b6a: the argument points to a string. What lies behind its NUL is the caller's stack.
 */
export const VFIO_GROUP_GET_DEVICE_FD = defineStruct({
  name: "VFIO_GROUP_GET_DEVICE_FD",
  request: 0x3b6a,
  length_bytes: 64,
  minimum_bytes: 64,
  size_field: null,
  fields: {
    name: bytes(0, 64),
  },
});
