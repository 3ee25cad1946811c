import { VFIO_CHECK_EXTENSION } from "../abi/vfio.js";
import { contextOf } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

const VFIO_TYPE1_IOMMU = 1n;
const VFIO_TYPE1V2_IOMMU = 3n;
const VFIO_DMA_CC_IOMMU = 4n;
const VFIO_NOIOMMU_IOMMU = 8n;
const VFIO_UNMAP_ALL = 9n;

/** VFIO_CHECK_EXTENSION: the argument is the number of a capability; the result 1 or 0. */
export const vfioCheckExtension = defineOp({
  layout: VFIO_CHECK_EXTENSION,
  source: "iommufd_vfio_check_extension, drivers/iommu/iommufd/vfio_compat.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const context = contextOf(call);
    switch (call.event.arg) {
      case VFIO_TYPE1_IOMMU:
      case VFIO_TYPE1V2_IOMMU:
      case VFIO_UNMAP_ALL:
        call.accept(context.noIommuMode ? 0 : 1);
        return;
      case VFIO_NOIOMMU_IOMMU:
        call.accept(call.machine.config.vfio_noiommu ? 1 : 0);
        return;
      case VFIO_DMA_CC_IOMMU: {
        const ioas = context.compatIoas;
        if (ioas === undefined) return call.reject("ENODEV", "no compat IOAS is set");
        call.accept(ioas.domains.every((hwpt) => hwpt.enforce_cache_coherency) ? 1 : 0);
        return;
      }
      default:
        call.accept(0);
    }
  },
});
