import { IOMMU_HWPT_ALLOC } from "../abi/iommufd-hwpt.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Device } from "../iommufd/device.js";
import type { Fault } from "../iommufd/fault.js";
import type { Hwpt } from "../iommufd/hwpt.js";
import { newPaging, planHwpt } from "../iommufd/hwpt-plan.js";
import { userDataOf } from "../iommufd/hwpt-user-data.js";
import { Ioas } from "../iommufd/ioas.js";
import { HWPT_FAULT_ID_VALID } from "../iommufd/iommu-unit.js";
import { contextOf } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

type HwptAllocCall = IoctlCall<typeof IOMMU_HWPT_ALLOC>;

/** IOMMU_HWPT_ALLOC: a page table on an IOAS, a nest parent or a vIOMMU. Nothing is attached. */
export const hwptAlloc = defineOp({
  layout: IOMMU_HWPT_ALLOC,
  source: "iommufd_hwpt_alloc, drivers/iommu/iommufd/hw_pagetable.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { args, process } = call;
    if (args.__reserved !== 0) return call.reject("EOPNOTSUPP", "__reserved must be 0");
    if ((args.data_type === 0) !== (args.data_len === 0)) {
      return call.reject("EINVAL", "data_type and data_len do not agree");
    }
    const device = deviceOf(call);
    if (device === undefined) return call.reject("ENOENT", `no device has id ${args.dev_id}`);
    const target = contextOf(call).find(args.pt_id);
    if (target === undefined) return call.reject("EINVAL", `no object has id ${args.pt_id}`);
    const data = userDataOf(call, args.data_type, args.data_len, args.data_uptr);
    const fault = faultOf(call);
    const hwpt = planHwpt(target, { device, flags: args.flags, data, fault, process });
    if ("errno" in hwpt) return call.reject(hwpt.errno, hwpt.why);
    if (fault === undefined && (args.flags & HWPT_FAULT_ID_VALID) !== 0) {
      return call.reject("ENOENT", `no fault queue has id ${args.fault_id}`);
    }
    const predicted = contextOf(call).nextId();
    if (!call.respond({ out_hwpt_id: predicted })) return;
    publish(call, hwpt, call.idFor("out_hwpt_id", predicted));
  },
  follow(call) {
    const device = deviceOf(call);
    const context = contextOf(call);
    const target = context.find(call.args.pt_id);
    if (device === undefined || !(target instanceof Ioas)) return;
    const hwpt = newPaging(target, { device, flags: call.args.flags, fault: faultOf(call) });
    publish(call, hwpt, call.idFor("out_hwpt_id", context.nextId()));
  },
});

function publish(call: HwptAllocCall, hwpt: Hwpt, id: number): void {
  if (hwpt.type === "HWPT_PAGING") hwpt.publish(id, call.process);
  else hwpt.publish(id);
}

function deviceOf(call: HwptAllocCall): Device | undefined {
  return contextOf(call).findTyped<Device>(call.args.dev_id, "DEVICE");
}

function faultOf(call: HwptAllocCall): Fault | undefined {
  const { flags, fault_id } = call.args;
  if ((flags & HWPT_FAULT_ID_VALID) === 0) return undefined;
  return contextOf(call).findTyped<Fault>(fault_id, "FAULT");
}
