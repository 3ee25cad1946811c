import { IOMMU_IOAS_NOIOMMU_GET_PA } from "../abi/iommufd-ioas.js";
import { DmabufBacking } from "../iommufd/backing-dmabuf.js";
import { ioasOrReject } from "../iommufd/operation.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

/**
 * IOMMU_IOAS_NOIOMMU_GET_PA: the physical address behind an IOVA of a device without an IOMMU. As
 * no such device is modelled, it ends in a refusal at the latest when the domain is looked at.
 */
export const ioasNoiommuGetPa = defineOp({
  layout: IOMMU_IOAS_NOIOMMU_GET_PA,
  source: "iommufd_ioas_noiommu_get_pa, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "partial", missing: "devices without an IOMMU" },
  adopts: {},
  execute(call) {
    const { flags, __reserved, length, iova, ioas_id } = call.args;
    if (!call.machine.config.iommufd_noiommu) {
      return call.reject("EOPNOTSUPP", "the kernel has no no-IOMMU support");
    }
    if (!call.process.hasCapability("CAP_SYS_RAWIO")) {
      return call.reject("EPERM", "it takes CAP_SYS_RAWIO");
    }
    if (flags !== 0 || __reserved !== 0) return call.reject("EOPNOTSUPP", "unknown flags");
    if (length === 0n) return call.reject("EINVAL", "length is 0");
    if (iova === U64_MAX) return call.reject("EOVERFLOW", "iova is beyond the space");
    const ioas = ioasOrReject(call, ioas_id);
    if (ioas === undefined) return;
    const area = ioas.areas.find(iova);
    if (area === undefined) return call.reject("ENOENT", "nothing is mapped there");
    if (area.backing instanceof DmabufBacking && area.backing.disabled) {
      return call.reject("EINVAL", "the dma-buf was revoked");
    }
    call.reject("EOPNOTSUPP", "no domain there is one without an IOMMU");
  },
});
