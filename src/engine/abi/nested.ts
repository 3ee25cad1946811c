/** Structs that ioctl arguments point to (uapi headers, v7.3.4). */

import { bytes, defineStruct, u8, u16, u32, u64 } from "./layout.js";
/** `struct iommu_iova_range`. */
export const iommu_iova_range = defineStruct({
  name: "iommu_iova_range",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    start: u64(0),
    last: u64(8),
  },
});

/** `struct iommu_hwpt_vtd_s1`. */
export const iommu_hwpt_vtd_s1 = defineStruct({
  name: "iommu_hwpt_vtd_s1",
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: null,
  fields: {
    flags: u64(0),
    pgtbl_addr: u64(8),
    addr_width: u32(16),
    __reserved: u32(20),
  },
});

/** `struct iommu_hwpt_arm_smmuv3`. */
export const iommu_hwpt_arm_smmuv3 = defineStruct({
  name: "iommu_hwpt_arm_smmuv3",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    ste: bytes(0, 16),
  },
});

/** `struct iommu_hwpt_amd_guest`. */
export const iommu_hwpt_amd_guest = defineStruct({
  name: "iommu_hwpt_amd_guest",
  length_bytes: 32,
  minimum_bytes: 32,
  size_field: null,
  fields: {
    dte: bytes(0, 32),
  },
});

/** `struct iommu_hw_info_vtd`. */
export const iommu_hw_info_vtd = defineStruct({
  name: "iommu_hw_info_vtd",
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: null,
  fields: {
    flags: u32(0),
    __reserved: u32(4),
    cap_reg: u64(8),
    ecap_reg: u64(16),
  },
});

/** `struct iommu_hw_info_arm_smmuv3`. */
export const iommu_hw_info_arm_smmuv3 = defineStruct({
  name: "iommu_hw_info_arm_smmuv3",
  length_bytes: 40,
  minimum_bytes: 40,
  size_field: null,
  fields: {
    flags: u32(0),
    __reserved: u32(4),
    idr: bytes(8, 24),
    iidr: u32(32),
    aidr: u32(36),
  },
});

/** `struct iommu_hw_info_tegra241_cmdqv`. */
export const iommu_hw_info_tegra241_cmdqv = defineStruct({
  name: "iommu_hw_info_tegra241_cmdqv",
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: null,
  fields: {
    flags: u32(0),
    version: u8(4),
    log2vcmdqs: u8(5),
    log2vsids: u8(6),
    __reserved: u8(7),
  },
});

/** `struct iommu_hw_info_amd`. */
export const iommu_hw_info_amd = defineStruct({
  name: "iommu_hw_info_amd",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    efr: u64(0),
    efr2: u64(8),
  },
});

/** `struct iommu_hwpt_vtd_s1_invalidate`. */
export const iommu_hwpt_vtd_s1_invalidate = defineStruct({
  name: "iommu_hwpt_vtd_s1_invalidate",
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: null,
  fields: {
    addr: u64(0),
    npages: u64(8),
    flags: u32(16),
    __reserved: u32(20),
  },
});

/** `struct iommu_viommu_arm_smmuv3_invalidate`. */
export const iommu_viommu_arm_smmuv3_invalidate = defineStruct({
  name: "iommu_viommu_arm_smmuv3_invalidate",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    cmd: bytes(0, 16),
  },
});

/** `struct iommu_hwpt_pgfault`. */
export const iommu_hwpt_pgfault = defineStruct({
  name: "iommu_hwpt_pgfault",
  length_bytes: 40,
  minimum_bytes: 40,
  size_field: null,
  fields: {
    flags: u32(0),
    dev_id: u32(4),
    pasid: u32(8),
    grpid: u32(12),
    perm: u32(16),
    __reserved: u32(20),
    addr: u64(24),
    length: u32(32),
    cookie: u32(36),
  },
});

/** `struct iommu_hwpt_page_response`. */
export const iommu_hwpt_page_response = defineStruct({
  name: "iommu_hwpt_page_response",
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: null,
  fields: {
    cookie: u32(0),
    code: u32(4),
  },
});

/** `struct iommu_viommu_tegra241_cmdqv`. */
export const iommu_viommu_tegra241_cmdqv = defineStruct({
  name: "iommu_viommu_tegra241_cmdqv",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    out_vintf_mmap_offset: u64(0),
    out_vintf_mmap_length: u64(8),
  },
});

/** `struct iommufd_vevent_header`. */
export const iommufd_vevent_header = defineStruct({
  name: "iommufd_vevent_header",
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: null,
  fields: {
    flags: u32(0),
    sequence: u32(4),
  },
});

/** `struct iommu_vevent_arm_smmuv3`. */
export const iommu_vevent_arm_smmuv3 = defineStruct({
  name: "iommu_vevent_arm_smmuv3",
  length_bytes: 32,
  minimum_bytes: 32,
  size_field: null,
  fields: {
    evt: bytes(0, 32),
  },
});

/** `struct iommu_vevent_tegra241_cmdqv`. */
export const iommu_vevent_tegra241_cmdqv = defineStruct({
  name: "iommu_vevent_tegra241_cmdqv",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    lvcmdq_err_map: bytes(0, 16),
  },
});

/** `struct iommu_test_hw_info`. */
export const iommu_test_hw_info = defineStruct({
  name: "iommu_test_hw_info",
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: null,
  fields: {
    flags: u32(0),
    test_reg: u32(4),
  },
});

/** `struct iommu_hwpt_selftest`. */
export const iommu_hwpt_selftest = defineStruct({
  name: "iommu_hwpt_selftest",
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: null,
  fields: {
    iotlb: u32(0),
    pagetable_type: u32(4),
  },
});

/** `struct iommu_hwpt_invalidate_selftest`. */
export const iommu_hwpt_invalidate_selftest = defineStruct({
  name: "iommu_hwpt_invalidate_selftest",
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: null,
  fields: {
    flags: u32(0),
    iotlb_id: u32(4),
  },
});

/** `struct iommu_viommu_selftest`. */
export const iommu_viommu_selftest = defineStruct({
  name: "iommu_viommu_selftest",
  length_bytes: 24,
  minimum_bytes: 24,
  size_field: null,
  fields: {
    in_data: u32(0),
    out_data: u32(4),
    out_mmap_offset: u64(8),
    out_mmap_length: u64(16),
  },
});

/** `struct iommu_viommu_invalidate_selftest`. */
export const iommu_viommu_invalidate_selftest = defineStruct({
  name: "iommu_viommu_invalidate_selftest",
  length_bytes: 12,
  minimum_bytes: 12,
  size_field: null,
  fields: {
    flags: u32(0),
    vdev_id: u32(4),
    cache_id: u32(8),
  },
});

/** `struct iommu_viommu_event_selftest`. */
export const iommu_viommu_event_selftest = defineStruct({
  name: "iommu_viommu_event_selftest",
  length_bytes: 4,
  minimum_bytes: 4,
  size_field: null,
  fields: {
    virt_id: u32(0),
  },
});

/** `struct vfio_device_feature_dma_logging_range`. */
export const vfio_device_feature_dma_logging_range = defineStruct({
  name: "vfio_device_feature_dma_logging_range",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    iova: u64(0),
    length: u64(8),
  },
});

/** `struct vfio_region_dma_range`. */
export const vfio_region_dma_range = defineStruct({
  name: "vfio_region_dma_range",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    offset: u64(0),
    length: u64(8),
  },
});

/** `struct vfio_info_cap_header`. */
export const vfio_info_cap_header = defineStruct({
  name: "vfio_info_cap_header",
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: null,
  fields: {
    id: u16(0),
    version: u16(2),
    next: u32(4),
  },
});

/** `struct vfio_iova_range`. */
export const vfio_iova_range = defineStruct({
  name: "vfio_iova_range",
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: null,
  fields: {
    start: u64(0),
    end: u64(8),
  },
});
