import { IOMMU_IOAS_ALLOC } from "../abi/iommufd-ioas.js";
import { Ioas } from "../iommufd/ioas.js";
import { contextOf } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

/** IOMMU_IOAS_ALLOC: an empty IOAS. */
export const ioasAlloc = defineOp({
  layout: IOMMU_IOAS_ALLOC,
  source: "iommufd_ioas_alloc_ioctl, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    if (call.args.flags !== 0) return call.reject("EOPNOTSUPP", "flags must be 0");
    const context = contextOf(call);
    const id = context.nextId();
    if (!call.respond({ out_ioas_id: id })) return;
    const ioas = new Ioas(context, context.machine.newSerial());
    context.add(ioas, call.idFor("out_ioas_id", id));
  },
});
