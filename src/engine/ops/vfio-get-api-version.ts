import { VFIO_GET_API_VERSION } from "../abi/vfio.js";
import { defineOp } from "./define.js";

/** VFIO_GET_API_VERSION: always 0. */
export const vfioGetApiVersion = defineOp({
  layout: VFIO_GET_API_VERSION,
  source: "iommufd_vfio_ioctl, drivers/iommu/iommufd/vfio_compat.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    call.accept(0);
  },
});
