import { IOMMU_FAULT_QUEUE_ALLOC } from "../abi/iommufd-hwpt.js";
import { O_CLOEXEC, O_RDWR } from "../call/call.js";
import { hasFreeFd } from "../file/free-fd.js";
import { FaultQueueFile } from "../iommufd/eventq-file.js";
import { Fault } from "../iommufd/fault.js";
import { contextOf } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

/** IOMMU_FAULT_QUEUE_ALLOC: a queue for page requests, and a descriptor to read and answer them. */
export const faultQueueAlloc = defineOp({
  layout: IOMMU_FAULT_QUEUE_ALLOC,
  source: "iommufd_fault_alloc, drivers/iommu/iommufd/eventq.c (v7.3.4)",
  support: { level: "full" },
  adopts: { out_fault_fd: "descriptors the C library opened are not recorded" },
  execute(call) {
    const { args, machine, process } = call;
    if (args.flags !== 0) return call.reject("EOPNOTSUPP", "unknown flags");
    if (!hasFreeFd(call)) return;
    const context = contextOf(call);
    const predicted = context.nextId();
    if (!call.respond({ out_fault_id: predicted })) return;
    const fault = new Fault(context, machine.newSerial());
    context.add(fault, call.idFor("out_fault_id", predicted));
    const fd = call.adoptField("out_fault_fd", process.fds.lowestFree());
    call.installFd(fd, new FaultQueueFile(fault, call.file), O_RDWR | O_CLOEXEC);
  },
});
