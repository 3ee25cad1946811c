import { IOMMU_TEST_OP_PASID_DETACH } from "../abi/selftest-more.js";
import { detach } from "../iommufd/attach.js";
import { selftestDeviceOrReject } from "../selftest/mock-objects.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_PASID_DETACH: succeeds also when nothing is attached there. */
export const testPasidDetach = defineOp({
  layout: IOMMU_TEST_OP_PASID_DETACH,
  source: "iommufd_test_pasid_detach, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, pasid } = call.args;
    const found = selftestDeviceOrReject(call, id);
    if (found !== undefined && call.accept()) detach(found.device, pasid);
  },
});
