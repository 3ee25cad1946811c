import { VFIO_SET_IOMMU } from "../abi/vfio.js";
import { contextOf } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

const VFIO_TYPE1_IOMMU = 1n;
const VFIO_TYPE1V2_IOMMU = 3n;

/** VFIO_SET_IOMMU: type 1 lets UNMAP_DMA cut areas, so it gives up large pages. */
export const vfioSetIommu = defineOp({
  layout: VFIO_SET_IOMMU,
  source: "iommufd_vfio_set_iommu, drivers/iommu/iommufd/vfio_compat.c (v7.3.4)",
  support: { level: "partial", missing: "no-IOMMU mode" },
  adopts: {},
  execute(call) {
    const { arg } = call.event;
    const context = contextOf(call);
    if ((arg !== VFIO_TYPE1_IOMMU && arg !== VFIO_TYPE1V2_IOMMU) || context.noIommuMode) {
      return call.reject("EINVAL", "no such IOMMU type");
    }
    const ioas = context.compatIoas;
    if (ioas === undefined) return call.reject("ENODEV", "no compat IOAS is set");
    if (arg === VFIO_TYPE1V2_IOMMU) {
      call.accept();
      return;
    }
    const errno = ioas.checkDisableLargePages();
    if (errno !== undefined) return call.reject(errno, "areas stand in the way");
    if (call.accept()) ioas.setLargePagesDisabled(true);
  },
});
