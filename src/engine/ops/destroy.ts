import { IOMMU_DESTROY } from "../abi/iommufd-ioas.js";
import { contextOf } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

/** IOMMU_DESTROY: an object nobody uses goes away, with what its kind leaves behind. */
export const destroy = defineOp({
  layout: IOMMU_DESTROY,
  source: "iommufd_destroy, drivers/iommu/iommufd/main.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const context = contextOf(call);
    const object = context.find(call.args.id);
    if (object === undefined) return call.reject("ENOENT", `no object has id ${call.args.id}`);
    if (object.users !== 1) return call.reject("EBUSY", `the object has ${object.users - 1} users`);
    if (call.accept()) context.remove(object);
  },
});
