import { IOMMU_TEST_OP_DMABUF_REVOKE } from "../abi/selftest-more.js";
import { DmabufFile } from "../file/dmabuf-file.js";
import { SelftestDmabuf } from "../selftest/dmabuf.js";
import { defineOp } from "./define.js";

/**
 * IOMMU_TEST_OP_DMABUF_REVOKE: sets whether the dma-buf is revoked. Mappings that exist are lost
 * either way.
 */
export const testDmabufRevoke = defineOp({
  layout: IOMMU_TEST_OP_DMABUF_REVOKE,
  source: "iommufd_test_dmabuf_revoke, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { machine, process, args } = call;
    const file = process.fds.get(args.dmabuf_fd);
    if (file === undefined) return call.reject("EBADF", `descriptor ${args.dmabuf_fd} is not open`);
    const { object } = file;
    if (!(object instanceof DmabufFile)) return call.reject("EINVAL", "not a dma-buf");
    if (!(object instanceof SelftestDmabuf)) {
      return call.reject("EOPNOTSUPP", "a dma-buf of another exporter");
    }
    if (!call.accept()) return;
    object.setRevoked(machine, true);
    if (args.revoked === 0) object.setRevoked(machine, false);
  },
});
