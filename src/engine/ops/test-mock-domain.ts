import { IOMMU_TEST_OP_MOCK_DOMAIN } from "../abi/selftest.js";
import { followMockDevice, makeMockDevice } from "../selftest/mock-domain.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_MOCK_DOMAIN: a plain mock device, attached to an IOAS or a HWPT. */
export const testMockDomain = defineOp({
  layout: IOMMU_TEST_OP_MOCK_DOMAIN,
  source: "iommufd_test_mock_domain, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute: (call) => makeMockDevice(call, call.args.id, 0),
  follow: (call) => followMockDevice(call, call.args.id, 0),
});
