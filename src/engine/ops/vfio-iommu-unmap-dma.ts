import { VFIO_IOMMU_UNMAP_DMA } from "../abi/vfio.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { cutAreas, planCuts } from "../iommufd/areas-cut.js";
import { planUnmap, unmapAreas } from "../iommufd/areas-unmap.js";
import { compatIoasOrReject } from "../iommufd/compat.js";
import type { Ioas } from "../iommufd/ioas.js";
import { commit, fails } from "../iommufd/operation.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

const UNMAP_ALL = 2;

type UnmapCall = IoctlCall<typeof VFIO_IOMMU_UNMAP_DMA>;

/**
 * VFIO_IOMMU_UNMAP_DMA on the compat IOAS. `size` tells how many bytes went, also when the call
 * fails half way. An empty range is no error.
 */
export const vfioIommuUnmapDma = defineOp({
  layout: VFIO_IOMMU_UNMAP_DMA,
  source: "iommufd_vfio_unmap_dma, drivers/iommu/iommufd/vfio_compat.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { flags, iova, size } = call.args;
    const ioas = compatIoasOrReject(call, flags, UNMAP_ALL);
    if (ioas === undefined) return;
    if ((flags & UNMAP_ALL) !== 0) {
      if (iova !== 0n || size !== 0n) return call.reject("EINVAL", "ALL takes no range");
      return unmap(call, ioas, 0n, U64_MAX);
    }
    if (ioas.largePagesDisabled && !cutEnds(call, ioas)) return;
    if (size === 0n) return failUnmapped(call, "EINVAL", "size is 0");
    const last = iova + size - 1n;
    if (last > U64_MAX) return failUnmapped(call, "EOVERFLOW", "the range ends behind the space");
    unmap(call, ioas, iova, last);
  },
});

/** Cuts the areas at both ends of the range; false when it rejected the call. */
function cutEnds(call: UnmapCall, ioas: Ioas): boolean {
  const { iova, size } = call.args;
  const after = [BigInt.asUintN(64, iova + size - 1n)];
  if (iova !== 0n) after.push(iova - 1n);
  const plan = planCuts(ioas, after);
  if (plan.errno !== undefined) {
    // A first cut stays when the second fails.
    if (fails(call, plan.errno, "an area cannot be cut")) cutAreas(ioas, plan);
    return false;
  }
  cutAreas(ioas, plan);
  return true;
}

function unmap(call: UnmapCall, ioas: Ioas, first: bigint, last: bigint): void {
  const plan = planUnmap(ioas, first, last);
  if (plan.errno === undefined) {
    commit(call, () => {
      unmapAreas(ioas, plan);
      return { size: plan.length };
    });
    return;
  }
  if (!call.canWriteBack()) {
    if (fails(call, "EFAULT", "the answer cannot be written back")) unmapAreas(ioas, plan);
    return;
  }
  call.write({ size: plan.length });
  if (fails(call, plan.errno, "an area is locked or only partly inside the range")) {
    unmapAreas(ioas, plan);
  }
}

/** The unmap step itself refused the range: nothing went. */
function failUnmapped(call: UnmapCall, errno: "EINVAL" | "EOVERFLOW", why: string) {
  if (!call.canWriteBack()) return call.reject("EFAULT", "the answer cannot be written back");
  call.write({ size: 0n });
  call.reject(errno, why);
}
