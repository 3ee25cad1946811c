import { IOMMU_VDEVICE_ALLOC } from "../abi/iommufd-hwpt.js";
import type { Device } from "../iommufd/device.js";
import { contextOf } from "../iommufd/operation.js";
import { Vdevice } from "../iommufd/vdevice.js";
import type { Viommu } from "../iommufd/viommu.js";
import { defineOp } from "./define.js";

/** IOMMU_VDEVICE_ALLOC: tells a vIOMMU by which number its guest knows a device. */
export const vdeviceAlloc = defineOp({
  layout: IOMMU_VDEVICE_ALLOC,
  source: "iommufd_vdevice_alloc_ioctl, drivers/iommu/iommufd/viommu.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { viommu_id, dev_id, virt_id } = call.args;
    const context = contextOf(call);
    const viommu = context.findTyped<Viommu>(viommu_id, "VIOMMU");
    if (viommu === undefined) return call.reject("ENOENT", `no vIOMMU has id ${viommu_id}`);
    const device = context.findTyped<Device>(dev_id, "DEVICE");
    if (device === undefined) return call.reject("ENOENT", `no device has id ${dev_id}`);
    if (device.hardware.unit !== viommu.unit) {
      return call.reject("EINVAL", "the device is behind another IOMMU than the vIOMMU");
    }
    if (device.vdevice !== undefined) {
      return call.reject("EEXIST", `device ${dev_id} is VDEVICE ${device.vdevice.id} already`);
    }
    if (viommu.vdevices.has(virt_id)) {
      return call.reject("EEXIST", `the vIOMMU knows a device ${virt_id} already`);
    }
    const predicted = context.nextId();
    if (!call.respond({ out_vdevice_id: predicted })) return;
    const vdevice = new Vdevice(call.machine.newSerial(), viommu, device, virt_id);
    vdevice.publish(call.idFor("out_vdevice_id", predicted));
  },
});
