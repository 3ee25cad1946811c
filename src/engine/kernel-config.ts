/** Build options of the kernel that decide about answers, where the trace states them. */

/** Each with what the kernels of known traces have as default. */
export interface KernelConfig {
  /** CONFIG_IOMMUFD_TEST: the selftest driver, and the test flag of IOAS_COPY. */
  readonly iommufd_test: boolean;
  /** CONFIG_IOMMUFD_NOIOMMU: IOAS_NOIOMMU_GET_PA is more than a refusal. */
  readonly iommufd_noiommu: boolean;
  /** CONFIG_VFIO_NOIOMMU: VFIO_CHECK_EXTENSION tells of no-IOMMU mode. */
  readonly vfio_noiommu: boolean;
  /** CONFIG_TRANSPARENT_HUGEPAGE: automatic IOVAs are aligned to huge pages. */
  readonly transparent_hugepage: boolean;
  /** IOMMU_TEST_OP_DMABUF_GET returns its descriptor; 7.3.4 forgets to. */
  readonly dmabuf_get_returns_fd: boolean;
}

export const DEFAULT_KERNEL_CONFIG: KernelConfig = {
  iommufd_test: true,
  iommufd_noiommu: false,
  vfio_noiommu: false,
  transparent_hugepage: true,
  dmabuf_get_returns_fd: false,
};
