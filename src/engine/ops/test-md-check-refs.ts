import { IOMMU_TEST_OP_MD_CHECK_REFS } from "../abi/selftest.js";
import { smaller } from "../bigint.js";
import { reachable } from "../selftest/same-memory.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_MD_CHECK_REFS: how often are the pages behind an address pinned? */
export const testMdCheckRefs = defineOp({
  layout: IOMMU_TEST_OP_MD_CHECK_REFS,
  source: "iommufd_test_md_check_refs, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { machine, process } = call;
    const { length, uptr, refs } = call.args;
    const page = machine.page_size;
    if ((length | uptr) % page !== 0n || uptr + length > U64_MAX) {
      return call.reject("EINVAL", "not page aligned, or behind the address space");
    }
    for (let done = 0n; done < length; ) {
      const here = reachable(process.mm, uptr + done);
      if (here === undefined) return call.reject("EFAULT", "a page is not mapped");
      const run = smaller(here.run_bytes, length - done);
      // Pages of huge pages are not looked at.
      if (here.object.huge_bytes === undefined) {
        const last = here.offset + run - 1n;
        if (!machine.pins.allHeld(here.object, here.offset, last, refs, page)) {
          return call.reject("EIO", `a page is not pinned ${refs} times`);
        }
      }
      done += run;
    }
    call.accept();
  },
});
