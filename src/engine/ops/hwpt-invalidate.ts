import { IOMMU_HWPT_INVALIDATE } from "../abi/iommufd-hwpt.js";
import { encodeStruct } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { HwptNested } from "../iommufd/hwpt.js";
import { bytesBehind } from "../iommufd/hwpt-user-data.js";
import { type InvalidatePlan, refuseInvalidate } from "../iommufd/nesting.js";
import { contextOf, fails } from "../iommufd/operation.js";
import { Viommu } from "../iommufd/viommu.js";
import { defineOp } from "./define.js";

const ENTRIES_MAX = 1 << 19;

type InvalidateCall = IoctlCall<typeof IOMMU_HWPT_INVALIDATE>;

/**
 * IOMMU_HWPT_INVALIDATE: forgets cached parts of a guest's page table. `entry_num` always comes
 * back as the number of entries done, also when the call fails.
 */
export const hwptInvalidate = defineOp({
  layout: IOMMU_HWPT_INVALIDATE,
  source: "iommufd_hwpt_invalidate, drivers/iommu/iommufd/hw_pagetable.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { errno, handled, commit } = plan(call);
    if (!call.canWriteBack()) {
      if (fails(call, "EFAULT", "entry_num cannot be written; the entries are done")) commit();
      return;
    }
    call.write({ entry_num: handled });
    overlay(call, handled);
    if (errno === undefined ? call.accept() : fails(call, errno, "an entry was refused")) commit();
    // A fault that is injected comes before the first entry.
    if (call.injected) call.write({ entry_num: 0 });
  },
});

function plan(call: InvalidateCall): InvalidatePlan {
  const { hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved } = call.args;
  if (__reserved !== 0) return refuseInvalidate("EOPNOTSUPP");
  const bad =
    data_uptr === 0n ||
    entry_len === 0 ||
    BigInt(entry_len) > call.machine.page_size ||
    entry_num > ENTRIES_MAX;
  if (entry_num !== 0 && bad) return refuseInvalidate("EINVAL");
  const request = {
    type: data_type,
    entry_bytes: entry_len,
    entry_count: entry_num,
    bytes: entry_num === 0 ? null : bytesBehind(call, data_uptr, entry_len * entry_num),
  };
  const target = contextOf(call).find(hwpt_id);
  if (target === undefined) return refuseInvalidate("ENOENT");
  if (target instanceof HwptNested) return target.domain.planInvalidate(request);
  if (target instanceof Viommu) return target.support.planInvalidate(target, request);
  return refuseInvalidate("EINVAL");
}

/** The array may overlap the struct: then the written `entry_num` shows in it. */
function overlay(call: InvalidateCall, handled: number): void {
  const { arg, mem, in: before } = call.event;
  if (arg === undefined || mem?.in === null || mem === undefined) return;
  const length = call.layout.length_bytes;
  const at = Number(arg - mem.addr);
  if (at <= -length || at >= mem.in.length) return;
  const struct = encodeStruct(call.layout, { ...before, entry_num: handled }, length);
  const after = mem.in.slice();
  for (let index = Math.max(0, -at); index < length && at + index < after.length; index++) {
    after[at + index] = struct[index] ?? 0;
  }
  call.mem_out = after;
}
