import { IOMMU_TEST_OP_TRIGGER_IOPF } from "../abi/selftest-more.js";
import { routeFault } from "../iommufd/fault-routing.js";
import { mockDeviceOrReject } from "../selftest/mock-objects.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_TRIGGER_IOPF: a mock device asks for a page; it succeeds if nobody hears, too. */
export const testTriggerIopf = defineOp({
  layout: IOMMU_TEST_OP_TRIGGER_IOPF,
  source: "iommufd_test_trigger_iopf, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { dev_id, pasid, grpid, perm, addr } = call.args;
    const found = mockDeviceOrReject(call, dev_id);
    if (found === undefined || !call.accept()) return;
    routeFault(found.device, { pasid: pasid === 0 ? undefined : pasid, grpid, perm, addr });
  },
});
