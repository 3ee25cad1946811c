import { IOMMU_TEST_OP_MD_CHECK_IOTLB } from "../abi/selftest-more.js";
import type { HwptNested } from "../iommufd/hwpt.js";
import { contextOf } from "../iommufd/operation.js";
import { MockNested } from "../selftest/mock-nesting.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_MD_CHECK_IOTLB: does a cache entry of a nested domain hold this value? */
export const testMdCheckIotlb = defineOp({
  layout: IOMMU_TEST_OP_MD_CHECK_IOTLB,
  source: "iommufd_test_md_check_iotlb, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, check_id, iotlb } = call.args;
    const hwpt = contextOf(call).findTyped<HwptNested>(id, "HWPT_NESTED");
    if (hwpt === undefined) return call.reject("ENOENT", `no nested HWPT has id ${id}`);
    const { domain } = hwpt;
    if (!(domain instanceof MockNested) || domain.iotlb[check_id] !== iotlb) {
      return call.reject("EINVAL", `entry ${check_id} holds another value`);
    }
    call.accept();
  },
});
