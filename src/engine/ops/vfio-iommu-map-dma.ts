import { VFIO_IOMMU_MAP_DMA } from "../abi/vfio.js";
import { placeAndAdd, userPiece } from "../iommufd/areas-map.js";
import { compatIoasOrReject } from "../iommufd/compat.js";
import { defineOp } from "./define.js";

const READ = 1;
const WRITE = 2;

/** VFIO_IOMMU_MAP_DMA on the compat IOAS: an IOAS_MAP at a fixed IOVA, even without rights. */
export const vfioIommuMapDma = defineOp({
  layout: VFIO_IOMMU_MAP_DMA,
  source: "iommufd_vfio_map_dma, drivers/iommu/iommufd/vfio_compat.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { flags, vaddr, iova, size } = call.args;
    const ioas = compatIoasOrReject(call, flags, READ | WRITE);
    if (ioas === undefined) return;
    const rights = { readable: (flags & READ) !== 0, writable: (flags & WRITE) !== 0 };
    const piece = userPiece(call, vaddr, size, rights);
    if (piece === undefined) return;
    const wanted = { pieces: [piece], length: size, fixed_iova: iova, address: vaddr };
    placeAndAdd(call, ioas, wanted, null);
  },
});
