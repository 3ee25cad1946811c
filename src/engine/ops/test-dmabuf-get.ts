import { IOMMU_TEST_OP_DMABUF_GET } from "../abi/selftest-more.js";
import { hasFreeFd } from "../file/free-fd.js";
import { SelftestDmabuf } from "../selftest/dmabuf.js";
import { defineOp } from "./define.js";

const MOST_PAGES = 512n;

/**
 * IOMMU_TEST_OP_DMABUF_GET: a dma-buf descriptor. This kernel makes it but returns 0 instead of its
 * number, so nobody can know which one it is; the model takes the lowest free one.
 */
export const testDmabufGet = defineOp({
  layout: IOMMU_TEST_OP_DMABUF_GET,
  source: "iommufd_test_dmabuf_get, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "partial", missing: "kernels that return the descriptor" },
  adopts: {},
  execute(call) {
    const { machine, process, args } = call;
    const page = machine.page_size;
    const length = ((BigInt(args.length) + page - 1n) / page) * page;
    if (length === 0n || length > MOST_PAGES * page) {
      return call.reject("EINVAL", "no length, or more than 512 pages");
    }
    if (!hasFreeFd(call) || !call.accept(0)) return;
    const dmabuf = new SelftestDmabuf(machine.newSerial(), length);
    call.installFd(process.fds.lowestFree(), dmabuf, args.open_flags);
  },
});
