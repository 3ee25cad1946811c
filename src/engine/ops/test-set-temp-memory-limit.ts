import { IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT } from "../abi/selftest.js";
import { defineOp } from "./define.js";

const SMALLEST_LIMIT_BYTES = 12;

/** IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: smaller steps inside the kernel; nothing to be seen. */
export const testSetTempMemoryLimit = defineOp({
  layout: IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT,
  source: "iommufd_test, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    if (call.args.limit < SMALLEST_LIMIT_BYTES)
      return call.reject("EINVAL", "the limit is too low");
    call.accept();
  },
});
