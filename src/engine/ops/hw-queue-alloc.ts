import { IOMMU_HW_QUEUE_ALLOC } from "../abi/iommufd-hwpt.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Refused } from "../call/refused.js";
import { type AccessPin, planPin } from "../iommufd/access-pins.js";
import { HwQueue } from "../iommufd/hw-queue.js";
import { contextOf } from "../iommufd/operation.js";
import type { Viommu } from "../iommufd/viommu.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

const INT_MAX = 0x7fff_ffffn;
const POINTER_BYTES = 8n;

type QueueCall = IoctlCall<typeof IOMMU_HW_QUEUE_ALLOC>;

/**
 * IOMMU_HW_QUEUE_ALLOC: memory of the guest becomes a queue of the hardware. It is pinned, and the
 * areas it lies in cannot be unmapped until the queue is destroyed.
 */
export const hwQueueAlloc = defineOp({
  layout: IOMMU_HW_QUEUE_ALLOC,
  source: "iommufd_hw_queue_alloc_ioctl, drivers/iommu/iommufd/viommu.c (v7.3.4)",
  support: {
    level: "partial",
    missing: "physical contiguity beyond a page, where no huge page is known",
  },
  adopts: {},
  execute(call) {
    const { flags, type, length, nesting_parent_iova, viommu_id, index } = call.args;
    if (flags !== 0 || type === 0) return call.reject("EOPNOTSUPP", "unknown flags, or no type");
    if (length === 0n) return call.reject("EINVAL", "length is 0");
    if (nesting_parent_iova + length - 1n > U64_MAX) {
      return call.reject("EOVERFLOW", "the queue ends behind the address space");
    }
    const context = contextOf(call);
    const viommu = context.findTyped<Viommu>(viommu_id, "VIOMMU");
    if (viommu === undefined) return call.reject("ENOENT", `no vIOMMU has id ${viommu_id}`);
    if (viommu.support.queue_type !== type) {
      return call.reject("EOPNOTSUPP", `no queues of type ${type}`);
    }
    const pin = planPages(call, viommu);
    if ("errno" in pin) return call.reject(pin.errno, pin.why);
    const errno = viommu.support.checkQueue(viommu, index);
    if (errno !== undefined) return call.reject(errno, `the driver refuses queue ${index}`);
    const [predicted = 0] = context.nextIds(1);
    if (!call.respond({ out_hw_queue_id: predicted })) return;
    const depends_on = viommu.queues.get(index - 1);
    const queue = new HwQueue(call.machine.newSerial(), viommu, index, depends_on);
    queue.publish(call.idFor("out_hw_queue_id", predicted), pin);
  },
});

/** The whole pages under the queue, pinned for reading through an access of its own. */
function planPages(call: QueueCall, viommu: Viommu): AccessPin | Refused {
  const { nesting_parent_iova: iova, length } = call.args;
  const { page_size } = call.machine;
  const into = iova % page_size;
  const bytes = into + length;
  if (bytes + page_size - 1n > U64_MAX) return { errno: "ERANGE", why: "rounding overflows" };
  const pages = (bytes + page_size - 1n) / page_size;
  if (pages * POINTER_BYTES > INT_MAX) return { errno: "ENOMEM", why: "too many pages for a list" };
  const { ioas } = viommu.hwpt;
  if (!ioas.canAlignTo(page_size))
    return { errno: "EADDRINUSE", why: "areas are not page aligned" };
  const wish = { iova: iova - into, length: pages * page_size, write: false, lock: true };
  const pin = planPin(ioas, wish, call.process);
  if (typeof pin === "string") return { errno: pin, why: "the pages cannot be pinned" };
  return isContiguous(pin) ? pin : { errno: "EFAULT", why: "the pages are not contiguous" };
}

/** One page is; several are where they are known to lie in one huge page. */
function isContiguous({ spans, first, last }: AccessPin): boolean {
  const [span, another] = spans;
  if (span === undefined || another !== undefined) return false;
  const { area } = span;
  const [from, to] = [area.pageOf(first), area.pageOf(last)];
  if (from === to) return true;
  const [run, more] = area.backing.locate(from, to);
  const huge_bytes = run?.object.huge_bytes;
  if (run === undefined || more !== undefined || huge_bytes === undefined) return false;
  return run.offset / huge_bytes === (run.offset + last - first) / huge_bytes;
}
