import { IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE } from "../abi/selftest.js";
import { contextOf } from "../iommufd/operation.js";
import { followMockAttach, replaceMockDomain } from "../selftest/replace-call.js";
import type { SelftestDevice } from "../selftest/selftest-device.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE: moves a mock device to another IOAS or HWPT. */
export const testMockDomainReplace = defineOp({
  layout: IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
  source: "iommufd_test_mock_domain_replace, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute: (call) => {
    const { id, pt_id } = call.args;
    replaceMockDomain(call, { stdev_id: id, pasid: 0, pt_id });
  },
  follow: (call) => {
    const { id, pt_id } = call.args;
    const found = contextOf(call).findTyped<SelftestDevice>(id, "SELFTEST");
    followMockAttach(call, found?.device, { pasid: 0, pt_id });
  },
});
