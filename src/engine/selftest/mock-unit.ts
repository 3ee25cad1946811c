/**
 * The mock IOMMU of the kernel's selftest driver: one unit in front of all mock devices.
 *
 * @source drivers/iommu/iommufd/selftest.c (v7.3.4)
 */

import { decodeStruct, encodeStruct } from "../abi/layout.js";
import { iommu_hwpt_selftest, iommu_test_hw_info } from "../abi/nested.js";
import type { Errno } from "../errno.js";
import {
  copyUserData,
  HWPT_DIRTY_TRACKING,
  HWPT_NEST_PARENT,
  HWPT_PASID,
  type IommuUnit,
  type PagingFormat,
  type PagingRequest,
} from "../iommufd/iommu-unit.js";
import { MOCK_NESTING } from "./mock-nesting.js";

export const HWPT_DATA_NONE = 0;
export const HWPT_DATA_SELFTEST = 0xdead;
const HW_INFO_TYPE_SELFTEST = 0xfeed_beef;
const HW_INFO_TEST_REG = 0xdead_beef;
const SELFTEST_DATA_MINIMUM = 4;
const PAGING_FLAGS = HWPT_NEST_PARENT | HWPT_DIRTY_TRACKING | HWPT_PASID;

const PAGETABLE_DEFAULT = 0;
const PAGETABLE_HUGE = 1;

/** Every power of two from half a page to 64 GiB. */
const DEFAULT_FORMAT: PagingFormat = {
  aperture_first: 0x100_0000n,
  aperture_last: 0x7fff_ffffn,
  page_sizes: 0x1f_ffff_f800n,
};

/** Pages of 4 KiB and 1 MiB. */
const HUGE_FORMAT: PagingFormat = {
  aperture_first: 0n,
  aperture_last: (1n << 38n) - 1n,
  page_sizes: 0x10_1000n,
};

export const MOCK_UNIT: IommuUnit = {
  name: "mock",
  driver: "mock",
  paging: DEFAULT_FORMAT,
  planPaging,
  nesting: MOCK_NESTING,
  hw_info: {
    type: HW_INFO_TYPE_SELFTEST,
    length_bytes: iommu_test_hw_info.length_bytes,
    data: encodeStruct(
      iommu_test_hw_info,
      { flags: 0, test_reg: HW_INFO_TEST_REG },
      iommu_test_hw_info.length_bytes,
    ),
  },
  pasid_refusal: undefined,
  fault_refusal: undefined,
  refusal_blocks_dma: false,
  reads_through_write_only: false,
  device_reserved: [],
};

/** @source mock_domain_alloc_paging_flags, drivers/iommu/iommufd/selftest.c (v7.3.4) */
function planPaging({ device, flags, data }: PagingRequest): PagingFormat | Errno {
  if ((flags & ~PAGING_FLAGS) !== 0) return "EOPNOTSUPP";
  if ((flags & HWPT_DIRTY_TRACKING) !== 0 && !device.capabilities.dirty_tracking) {
    return "EOPNOTSUPP";
  }
  if (data === undefined) return DEFAULT_FORMAT;
  if (data.type !== HWPT_DATA_SELFTEST && data.type !== HWPT_DATA_NONE) return "EOPNOTSUPP";
  const length = iommu_hwpt_selftest.length_bytes;
  const copied = copyUserData(data, HWPT_DATA_SELFTEST, SELFTEST_DATA_MINIMUM, length);
  if (typeof copied === "string") return copied;
  const { pagetable_type } = decodeStruct(iommu_hwpt_selftest, copied).values;
  if (pagetable_type === PAGETABLE_DEFAULT) return DEFAULT_FORMAT;
  return pagetable_type === PAGETABLE_HUGE ? HUGE_FORMAT : "EOPNOTSUPP";
}
