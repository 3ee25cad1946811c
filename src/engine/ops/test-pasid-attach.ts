import { IOMMU_TEST_OP_PASID_ATTACH } from "../abi/selftest-more.js";
import { planAttach } from "../iommufd/attach.js";
import { predictedPtId, rejectAttach } from "../iommufd/attach-call.js";
import { contextOf } from "../iommufd/operation.js";
import { selftestDeviceOrReject } from "../selftest/mock-objects.js";
import { followMockAttach } from "../selftest/replace-call.js";
import type { SelftestDevice } from "../selftest/selftest-device.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_PASID_ATTACH: attaches a PASID of a mock device; PASID 0 means the RID. */
export const testPasidAttach = defineOp({
  layout: IOMMU_TEST_OP_PASID_ATTACH,
  source: "iommufd_test_pasid_attach, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, pasid, pt_id } = call.args;
    const found = selftestDeviceOrReject(call, id);
    if (found === undefined) return;
    const plan = planAttach({ device: found.device, pasid, pt_id, process: call.process });
    if (plan.errno !== undefined) return rejectAttach(call, plan);
    const predicted = predictedPtId(call, "pt_id", plan);
    if (call.respond({ pt_id: predicted })) plan.commit(call.idFor("pt_id", predicted));
  },
  follow(call) {
    const found = contextOf(call).findTyped<SelftestDevice>(call.args.id, "SELFTEST");
    followMockAttach(call, found?.device, call.args);
  },
});
