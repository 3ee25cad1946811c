import { IOMMU_TEST_OP_ADD_RESERVED } from "../abi/selftest.js";
import { ioasOrReject } from "../iommufd/operation.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

/** IOMMU_TEST_OP_ADD_RESERVED: a reservation that lasts as long as the IOAS. */
export const testAddReserved = defineOp({
  layout: IOMMU_TEST_OP_ADD_RESERVED,
  source: "iommufd_test_add_reserved, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { id, start, length } = call.args;
    if (length === 0n) return call.reject("EINVAL", "length is 0");
    const last = start + length - 1n;
    if (last > U64_MAX) return call.reject("EOVERFLOW", "the range ends behind the address space");
    const ioas = ioasOrReject(call, id);
    if (ioas === undefined) return;
    if (!ioas.canReserve(start, last)) {
      return call.reject("EADDRINUSE", "the range meets an area or an allowed range");
    }
    if (call.accept()) ioas.reserve(start, last, ioas);
  },
});
