/** The units the model knows, as measured on emulated hardware (iommufd.md 0). */

import type { ReservedRegion } from "./hardware-device.js";
import {
  copyUserData,
  HWPT_PASID,
  type IommuUnit,
  type PagingFormat,
  type PagingRequest,
} from "./iommu-unit.js";
import type { InvalidatePlan, InvalidateRequest, NestedDomain, Nesting } from "./nesting.js";

const X86_PAGE_SIZES = 0x4020_1000n;
/** AMD-Vi: 4 KiB and every larger power of two. */
const AMD_PAGE_SIZES = 0xffff_ffff_ffff_f000n;
const X86_INTERRUPTS: ReservedRegion = { first: 0xfee0_0000n, last: 0xfeef_ffffn, kind: "msi" };

const HW_INFO_VTD = 1;
const HWPT_DATA_VTD_S1 = 1;
const VTD_S1_BYTES = 24;

/** Page tables as the unit makes them, for some flags and no driver data. */
function plainPaging(format: PagingFormat, accepted_flags: number): IommuUnit["planPaging"] {
  return ({ flags, data }: PagingRequest) =>
    data !== undefined || (flags & ~accepted_flags) !== 0 ? "EOPNOTSUPP" : format;
}

/**
 * No unit measured here makes nest parents, so that a nested domain finds no parent that suits it.
 * Where a trace shows a kernel that did make one, its guests' page tables follow; what a guest
 * invalidates in them is not looked into.
 */
const VTD_NESTING: Nesting = {
  planNested(data) {
    const copied = copyUserData(data, HWPT_DATA_VTD_S1, VTD_S1_BYTES, VTD_S1_BYTES);
    return typeof copied === "string" ? copied : new VtdNested();
  },
  viommu: undefined,
};

export class VtdNested implements NestedDomain {
  planInvalidate({ entry_count: handled }: InvalidateRequest): InvalidatePlan {
    return { errno: undefined, handled, commit: () => {} };
  }
}

function vtd(name: string, aperture_last: bigint, first_stage: boolean): IommuUnit {
  const paging = { aperture_first: 0n, aperture_last, page_sizes: X86_PAGE_SIZES };
  return {
    name,
    driver: "intel-iommu",
    paging,
    // The PASID flag is accepted even where the device has no PASIDs.
    planPaging: plainPaging(paging, HWPT_PASID),
    nesting: VTD_NESTING,
    hw_info: { type: HW_INFO_VTD, length_bytes: 24, data: undefined },
    pasid_refusal: "EOPNOTSUPP",
    fault_refusal: "ENODEV",
    refusal_blocks_dma: true,
    reads_through_write_only: first_stage,
    device_reserved: [X86_INTERRUPTS],
  };
}

export const VTD_SECOND_STAGE = vtd("VT-d second stage", (1n << 48n) - 1n, false);
export const VTD_FIRST_STAGE = vtd("VT-d first stage", (1n << 47n) - 1n, true);

const AMD_PAGING: PagingFormat = {
  aperture_first: 0n,
  aperture_last: (1n << 48n) - 1n,
  page_sizes: AMD_PAGE_SIZES,
};

export const AMD_VI: IommuUnit = {
  name: "AMD-Vi",
  driver: "amd-iommu",
  paging: AMD_PAGING,
  planPaging: plainPaging(AMD_PAGING, 0),
  nesting: undefined,
  hw_info: undefined,
  pasid_refusal: "EOPNOTSUPP",
  fault_refusal: undefined,
  refusal_blocks_dma: false,
  reads_through_write_only: false,
  device_reserved: [
    X86_INTERRUPTS,
    { first: 0xfd_0000_0000n, last: 0xff_ffff_ffffn, kind: "reserved" },
  ],
};
