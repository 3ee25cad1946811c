import { IOMMU_TEST_OP_ACCESS_REPLACE_IOAS } from "../abi/selftest.js";
import type { Ioas } from "../iommufd/ioas.js";
import { accessFileOrReject } from "../selftest/access-file.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_ACCESS_REPLACE_IOAS: the access moves; its pins in the old IOAS are dropped. */
export const testAccessReplaceIoas = defineOp({
  layout: IOMMU_TEST_OP_ACCESS_REPLACE_IOAS,
  source: "iommufd_test_access_replace_ioas, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, ioas_id } = call.args;
    const file = accessFileOrReject(call, id);
    if (file === undefined) return;
    const { access } = file;
    const ioas = access.context.findTyped<Ioas>(ioas_id, "IOAS");
    if (ioas === undefined) return call.reject("ENOENT", `no IOAS has id ${ioas_id}`);
    if (ioas !== access.ioas) {
      const errno = ioas.checkAddAccess(access);
      if (errno !== undefined) return call.reject(errno, "areas are not page aligned");
    }
    if (call.accept()) access.attach(ioas);
  },
});
