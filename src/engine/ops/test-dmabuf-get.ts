import { IOMMU_TEST_OP_DMABUF_GET } from "../abi/selftest-more.js";
import { hasFreeFd } from "../file/free-fd.js";
import { SelftestDmabuf } from "../selftest/dmabuf.js";
import { defineOp } from "./define.js";

const MOST_PAGES = 512n;

/**
 * IOMMU_TEST_OP_DMABUF_GET: a dma-buf descriptor. 7.3.4 makes it but returns 0 instead of its
 * number, so nobody can know which one it is; the model takes the lowest free one.
 */
export const testDmabufGet = defineOp({
  layout: IOMMU_TEST_OP_DMABUF_GET,
  source: "iommufd_test_dmabuf_get, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: { ret: "number of the new descriptor, in kernels that return it" },
  execute(call) {
    const { machine, process, args } = call;
    const page = machine.page_size;
    const length = ((BigInt(args.length) + page - 1n) / page) * page;
    if (length === 0n || length > MOST_PAGES * page) {
      return call.reject("EINVAL", "no length, or more than 512 pages");
    }
    const told = machine.config.dmabuf_get_returns_fd;
    if (!hasFreeFd(call) || !call.accept(told ? process.fds.lowestFree() : 0)) return;
    const dmabuf = new SelftestDmabuf(machine.newSerial(), length);
    const observed = told ? call.observedFd() : undefined;
    const fd = call.installFd(observed ?? process.fds.lowestFree(), dmabuf, args.open_flags);
    if (!told) return;
    call.noteAdopted("ret");
    call.ret = fd;
  },
});
