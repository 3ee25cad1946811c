import { IOMMU_IOAS_NOIOMMU_GET_PA } from "../abi/iommufd-ioas.js";
import { defineOp } from "./define.js";

/** IOMMU_IOAS_NOIOMMU_GET_PA: kernels without no-IOMMU support refuse it. */
export const ioasNoiommuGetPa = defineOp({
  layout: IOMMU_IOAS_NOIOMMU_GET_PA,
  source: "iommufd_ioas_noiommu_get_pa, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "partial", missing: "kernels built with CONFIG_IOMMUFD_NOIOMMU" },
  adopts: {},
  execute(call) {
    call.reject("EOPNOTSUPP", "the kernel has no no-IOMMU support");
  },
});
