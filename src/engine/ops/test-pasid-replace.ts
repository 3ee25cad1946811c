import { IOMMU_TEST_OP_PASID_REPLACE } from "../abi/selftest-more.js";
import { contextOf } from "../iommufd/operation.js";
import { followMockAttach, replaceMockDomain } from "../selftest/replace-call.js";
import type { SelftestDevice } from "../selftest/selftest-device.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_PASID_REPLACE: moves a PASID of a mock device to another domain. */
export const testPasidReplace = defineOp({
  layout: IOMMU_TEST_OP_PASID_REPLACE,
  source: "iommufd_test_pasid_replace, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute: (call) => {
    const { id, pasid, pt_id } = call.args;
    replaceMockDomain(call, { stdev_id: id, pasid, pt_id });
  },
  follow: (call) => {
    const found = contextOf(call).findTyped<SelftestDevice>(call.args.id, "SELFTEST");
    followMockAttach(call, found?.device, call.args);
  },
});
