import { IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS } from "../abi/selftest.js";
import { followMockDevice, makeMockDevice } from "../selftest/mock-domain.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: a mock device without dirty tracking, or with PASIDs. */
export const testMockDomainFlags = defineOp({
  layout: IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
  source: "iommufd_test_mock_domain, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute: (call) => makeMockDevice(call, call.args.id, call.args.dev_flags),
  follow: (call) => followMockDevice(call, call.args.id, call.args.dev_flags),
});
