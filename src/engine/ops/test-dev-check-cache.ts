import { IOMMU_TEST_OP_DEV_CHECK_CACHE } from "../abi/selftest-more.js";
import { mockDeviceOrReject } from "../selftest/mock-objects.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_DEV_CHECK_CACHE: does a cache entry of a mock device hold this value? */
export const testDevCheckCache = defineOp({
  layout: IOMMU_TEST_OP_DEV_CHECK_CACHE,
  source: "iommufd_test_dev_check_cache, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, check_id, cache } = call.args;
    const found = mockDeviceOrReject(call, id);
    if (found === undefined) return;
    if (found.mock.cache[check_id] !== cache) {
      return call.reject("EINVAL", `entry ${check_id} holds another value`);
    }
    call.accept();
  },
});
