import { IOMMU_VEVENTQ_ALLOC } from "../abi/iommufd-hwpt.js";
import { O_CLOEXEC, O_RDWR } from "../call/call.js";
import { hasFreeFd } from "../file/free-fd.js";
import { VeventqFile } from "../iommufd/eventq-file.js";
import { contextOf } from "../iommufd/operation.js";
import { Veventq } from "../iommufd/veventq.js";
import type { Viommu } from "../iommufd/viommu.js";
import { defineOp } from "./define.js";

const DEPTH_MAX = 1 << 19;

/** IOMMU_VEVENTQ_ALLOC: a queue for events of one type, and a descriptor to read them. */
export const veventqAlloc = defineOp({
  layout: IOMMU_VEVENTQ_ALLOC,
  source: "iommufd_veventq_alloc, drivers/iommu/iommufd/eventq.c (v7.3.4)",
  support: { level: "full" },
  adopts: { out_veventq_fd: "descriptors the C library opened are not recorded" },
  execute(call) {
    const { flags, __reserved, type, veventq_depth, viommu_id } = call.args;
    if (flags !== 0 || __reserved !== 0 || type === 0) {
      return call.reject("EOPNOTSUPP", "unknown flags, __reserved or no type");
    }
    if (veventq_depth === 0 || veventq_depth > DEPTH_MAX) {
      return call.reject("EINVAL", `depth ${veventq_depth} is not in 1..${DEPTH_MAX}`);
    }
    const context = contextOf(call);
    const viommu = context.findTyped<Viommu>(viommu_id, "VIOMMU");
    if (viommu === undefined) return call.reject("ENOENT", `no vIOMMU has id ${viommu_id}`);
    if (viommu.veventqs.has(type)) {
      return call.reject("EEXIST", `the vIOMMU has a queue for events of type ${type}`);
    }
    if (!hasFreeFd(call)) return;
    const predicted = context.nextId();
    if (!call.respond({ out_veventq_id: predicted })) return;
    const veventq = new Veventq(call.machine.newSerial(), viommu, type, veventq_depth);
    veventq.publish(call.idFor("out_veventq_id", predicted));
    const fd = call.adoptField("out_veventq_fd", call.process.fds.lowestFree());
    call.installFd(fd, new VeventqFile(veventq, call.file), O_RDWR | O_CLOEXEC);
  },
});
