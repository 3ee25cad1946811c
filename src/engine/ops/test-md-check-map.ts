import { IOMMU_TEST_OP_MD_CHECK_MAP } from "../abi/selftest.js";
import { smaller } from "../bigint.js";
import type { Errno } from "../errno.js";
import { translate } from "../iommufd/areas-translate.js";
import { lowestSetBit } from "../iommufd/auto-iova.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import { contextOf } from "../iommufd/operation.js";
import { areStillCurrent } from "../iommufd/pins.js";
import type { AddressSpace } from "../memory/address-space.js";
import { isSameByte, reachable } from "../selftest/same-memory.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_MD_CHECK_MAP: does the page table lead to the memory behind an address? */
export const testMdCheckMap = defineOp({
  layout: IOMMU_TEST_OP_MD_CHECK_MAP,
  source: "iommufd_test_md_check_pa, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, iova, length, uptr } = call.args;
    const hwpt = contextOf(call).findTyped<HwptPaging>(id, "HWPT_PAGING");
    if (hwpt === undefined) return call.reject("ENOENT", `no HWPT_PAGING has id ${id}`);
    if (hwpt.unit.driver !== "mock")
      return call.reject("EINVAL", "not a domain of the mock driver");
    const unit = 1n << BigInt(lowestSetBit(hwpt.page_sizes));
    if ((iova | length | uptr) % unit !== 0n || uptr + length > U64_MAX) {
      return call.reject("EINVAL", "not aligned to the smallest page, or behind the address space");
    }
    const errno = compare(hwpt, call.process.mm, { iova, length, uptr });
    if (errno !== undefined) return call.reject(errno, "another page, or none");
    call.accept();
  },
});

/** EFAULT where the caller has no page, EINVAL where the IOVA leads elsewhere. */
function compare(
  hwpt: HwptPaging,
  mm: AddressSpace,
  { iova, length, uptr }: { iova: bigint; length: bigint; uptr: bigint },
): Errno | undefined {
  for (let done = 0n; done < length; ) {
    const here = reachable(mm, uptr + done);
    if (here === undefined) return "EFAULT";
    const there = translate(hwpt.ioas, BigInt.asUintN(64, iova + done));
    const memory = there?.memory;
    if (there === undefined || memory === undefined || !isSameByte(here, memory)) return "EINVAL";
    const step = smaller(smaller(here.run_bytes, there.run_bytes), length - done);
    if (!areStillCurrent(memory.run, memory.offset, step)) return "EINVAL";
    done += step;
  }
  return undefined;
}
