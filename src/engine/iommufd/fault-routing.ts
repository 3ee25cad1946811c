import type { Device } from "./device.js";
import type { PageRequest } from "./fault.js";
import type { GroupAttachment } from "./iommu-group.js";

/**
 * Brings a page request to the queue of the domain it is about. A request that no domain with a
 * queue takes is rejected to the device; nobody in user space learns of it.
 *
 * @source iommu_report_device_fault, drivers/iommu/io-pgfault.c (v7.3.4)
 */
export function routeFault(device: Device, request: PageRequest): void {
  const attachment = attachmentFor(device, request.pasid);
  if (attachment === undefined) return;
  const { handle, hwpt } = attachment;
  hwpt.fault?.report({ handle, request });
}

/** A PASID nobody attached may still be the guest's own, when the guest keeps the PASID table. */
function attachmentFor(device: Device, pasid: number | undefined): GroupAttachment | undefined {
  const { attached } = device.group;
  const rid = attached.get(0);
  if (pasid === undefined) return rid;
  return attached.get(pasid) ?? (rid?.hwpt.type === "HWPT_NESTED" ? rid : undefined);
}
