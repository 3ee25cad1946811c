import { IOMMU_VIOMMU_ALLOC } from "../abi/iommufd-hwpt.js";
import type { Device } from "../iommufd/device.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import { userDataOf } from "../iommufd/hwpt-user-data.js";
import { freeRegionOffset, MmapRegion } from "../iommufd/mmap-region.js";
import { contextOf } from "../iommufd/operation.js";
import { Viommu } from "../iommufd/viommu.js";
import { defineOp } from "./define.js";

/** IOMMU_VIOMMU_ALLOC: a slice of the IOMMU for one guest, on top of a nest parent. */
export const viommuAlloc = defineOp({
  layout: IOMMU_VIOMMU_ALLOC,
  source: "iommufd_viommu_alloc_ioctl, drivers/iommu/iommufd/viommu.c (v7.3.4)",
  support: { level: "partial", missing: "vIOMMUs of real hardware" },
  adopts: {},
  execute(call) {
    const { args, machine, process } = call;
    const context = contextOf(call);
    if (args.flags !== 0 || args.type === 0) {
      return call.reject("EOPNOTSUPP", "unknown flags, or no type");
    }
    const device = context.findTyped<Device>(args.dev_id, "DEVICE");
    if (device === undefined) return call.reject("ENOENT", `no device has id ${args.dev_id}`);
    const support = device.hardware.unit.nesting?.viommu;
    if (support === undefined || support.type !== args.type) {
      return call.reject("EOPNOTSUPP", `no vIOMMU of type ${args.type}`);
    }
    const hwpt = context.findTyped<HwptPaging>(args.hwpt_id, "HWPT_PAGING");
    if (hwpt === undefined) return call.reject("ENOENT", `no HWPT has id ${args.hwpt_id}`);
    if (!hwpt.nest_parent) return call.reject("EINVAL", `HWPT ${hwpt.id} is no nest parent`);
    const plan = support.planViommu(userDataOf(call, args.type, args.data_len, args.data_uptr));
    if (typeof plan === "string") return call.reject(plan, "the driver refuses the data");
    const offset = freeRegionOffset(context, plan.region_bytes ?? 0n);
    const output = plan.output(offset);
    if (output !== undefined) {
      if (!process.mm.isWritable(args.data_uptr, BigInt(output.length))) {
        return call.reject("EFAULT", "the driver's answer cannot be written");
      }
      call.mem_out = output;
    }
    const predicted = context.nextId();
    if (!call.respond({ out_viommu_id: predicted })) return;
    const viommu = new Viommu(context, machine.newSerial(), hwpt, support);
    viommu.publish(call.idFor("out_viommu_id", predicted));
    if (plan.region_bytes === undefined) return;
    viommu.region = new MmapRegion(viommu, offset, plan.region_bytes, call.file);
  },
});
