import { IOMMU_IOAS_COPY } from "../abi/iommufd-ioas.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { spansOf } from "../iommufd/access-pins.js";
import type { AreaPiece } from "../iommufd/areas.js";
import { checkMapFlags, isFixed, placeAndAdd, rightsOf } from "../iommufd/areas-map.js";
import { nthAreaIova, SYZ_FLAG } from "../iommufd/areas-nth.js";
import type { Ioas } from "../iommufd/ioas.js";
import { contextOf, ioasOrReject } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

/**
 * IOMMU_IOAS_COPY: what lies in a range of one IOAS appears in another, or at another place. The
 * new areas share the backing objects; the rights of the source areas do not matter.
 */
export const ioasCopy = defineOp({
  layout: IOMMU_IOAS_COPY,
  source: "iommufd_ioas_copy, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { dst_ioas_id, src_ioas_id, length, dst_iova } = call.args;
    const { flags, src_iova } = withoutTestFlag(call);
    if (!checkMapFlags(call, flags, [length, src_iova, dst_iova])) return;
    const source = ioasOrReject(call, src_ioas_id);
    if (source === undefined) return;
    const found = spansOf(source, src_iova, length);
    if (typeof found === "string") return call.reject(found, "the source range is no range");
    const [head] = found.spans;
    if (!found.complete || head === undefined) {
      return call.reject("ENOENT", "areas do not cover the source range");
    }
    const target = ioasOrReject(call, dst_ioas_id);
    if (target === undefined) return;
    const rights = rightsOf(flags);
    const pieces: AreaPiece[] = found.spans.map(({ area, first, last }) => ({
      backing: area.backing,
      start: area.offsetOf(first),
      length: last - first + 1n,
      ...rights,
    }));
    const address = head.area.backing.base + head.area.offsetOf(src_iova);
    const fixed_iova = isFixed(flags) ? dst_iova : undefined;
    const wanted = { pieces, length, fixed_iova, address };
    placeAndAdd(call, target, wanted, "dst_iova", { flags, src_iova });
  },
});

/** Test kernels take a flag that names the source by the number of its area. */
function withoutTestFlag(call: IoctlCall<typeof IOMMU_IOAS_COPY>): {
  flags: number;
  src_iova: bigint;
} {
  const { flags, src_iova, src_ioas_id } = call.args;
  if ((flags & SYZ_FLAG) === 0 || !call.machine.config.iommufd_test) return { flags, src_iova };
  const source = contextOf(call).findTyped<Ioas>(src_ioas_id, "IOAS");
  const converted = source === undefined ? src_iova : nthAreaIova(source, src_iova);
  return { flags: flags & ~SYZ_FLAG, src_iova: converted };
}
