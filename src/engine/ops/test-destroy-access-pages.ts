import { IOMMU_TEST_OP_DESTROY_ACCESS_PAGES } from "../abi/selftest.js";
import { accessFileOrReject } from "../selftest/access-file.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_DESTROY_ACCESS_PAGES: gives pinned pages back. */
export const testDestroyAccessPages = defineOp({
  layout: IOMMU_TEST_OP_DESTROY_ACCESS_PAGES,
  source: "iommufd_test_access_item_destroy, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, access_pages_id } = call.args;
    const file = accessFileOrReject(call, id);
    if (file === undefined) return;
    if (!file.has(access_pages_id)) {
      return call.reject("ENOENT", `the access has no item ${access_pages_id}`);
    }
    if (call.accept()) file.drop(access_pages_id);
  },
});
