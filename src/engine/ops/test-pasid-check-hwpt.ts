import { IOMMU_TEST_OP_PASID_CHECK_HWPT } from "../abi/selftest-more.js";
import { isHwpt } from "../iommufd/hwpt.js";
import { contextOf } from "../iommufd/operation.js";
import { selftestDeviceOrReject } from "../selftest/mock-objects.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_PASID_CHECK_HWPT: is this HWPT attached at the PASID? Id 0 asks for none. */
export const testPasidCheckHwpt = defineOp({
  layout: IOMMU_TEST_OP_PASID_CHECK_HWPT,
  source: "iommufd_test_pasid_check_hwpt, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, pasid, hwpt_id } = call.args;
    const found = selftestDeviceOrReject(call, id);
    if (found === undefined) return;
    const attached = found.hardware.group.attached.get(pasid)?.hwpt;
    if (hwpt_id !== 0) {
      const object = contextOf(call).find(hwpt_id);
      if (object === undefined) return call.reject("ENOENT", `no object has id ${hwpt_id}`);
      if (!isHwpt(object)) return call.reject("EINVAL", `a ${object.type} is no HWPT`);
      if (object !== attached) return call.reject("EINVAL", "another HWPT is attached, or none");
    } else if (attached !== undefined) return call.reject("EINVAL", "a HWPT is attached");
    call.accept();
  },
});
