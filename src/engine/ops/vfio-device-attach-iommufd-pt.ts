import { VFIO_DEVICE_ATTACH_IOMMUFD_PT } from "../abi/vfio.js";
import { assert } from "../assert.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { type AttachPlan, type AttachRefusal, planAttach, planReplace } from "../iommufd/attach.js";
import { fails } from "../iommufd/operation.js";
import { RestoredHwpt } from "../liveupdate/restored-hwpt.js";
import { argszOf, checkArgument, isReadable, isWritable } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import { mayChangeAttachment } from "../vfio/preserved-device.js";
import { defineOp } from "./define.js";

const FLAG_PASID = 1;
const PT_ID_OFFSET = 8;
const WITH_PASID_BYTES = 16;
/** VFIO keeps PASIDs in a table of non-negative ints. */
const PASID_LIMIT = 0x8000_0000;

type AttachCall = IoctlCall<typeof VFIO_DEVICE_ATTACH_IOMMUFD_PT>;

/**
 * VFIO_DEVICE_ATTACH_IOMMUFD_PT: attaches the device, or one of its PASIDs, to an IOAS or HWPT.
 * What is attached already moves to the new one instead.
 */
export const vfioDeviceAttachIommufdPt = defineOp({
  layout: VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  source: "vfio_df_ioctl_attach_pt, drivers/vfio/device_cdev.c (v7.3.4)",
  support: { level: "partial", missing: "emulated devices" },
  adopts: {},
  execute(call) {
    if (!checkArgument(call) || !checkFlags(call)) return;
    if (!mayChangeAttachment(call)) return;
    const pasid = pasidOf(call);
    const plan = planFor(call, pasid);
    if (plan === undefined) {
      call.reject("ENOSPC", "the PASID is beyond the table");
      return;
    }
    if (plan.errno !== undefined) {
      if (fails(call, plan.errno, plan.why)) plan.aftermath?.();
      return;
    }
    const predicted = plan.predictedId();
    const { attachments, bond } = deviceOf(call);
    if (isWritable(call, PT_ID_OFFSET, 4)) {
      call.write({ pt_id: predicted });
      if (!call.accept()) return;
      plan.commit(call.idFor("pt_id", predicted));
      attachments.add(pasid);
      return;
    }
    // The attach is done when the answer fails; the kernel then detaches the RID, whatever it was.
    if (!fails(call, "EFAULT", "pt_id cannot be written; the RID is detached")) return;
    plan.commit(predicted);
    attachments.add(pasid);
    if (bond !== undefined) attachments.detach(bond.object, undefined);
  },
  follow(call) {
    // The kernel changed what it should have kept, for the next one or for who had it before.
    const { hardware, attachments, bond } = deviceOf(call);
    const pasid = pasidOf(call);
    const kept =
      hardware.group.preserved_devices !== 0 ||
      bond?.object.context.find(call.args.pt_id) instanceof RestoredHwpt;
    const plan = kept ? planFor(call, pasid, true) : undefined;
    if (plan === undefined || plan.errno !== undefined) return;
    plan.commit(call.idFor("pt_id", plan.predictedId()));
    attachments.add(pasid);
  },
});

function checkFlags(call: AttachCall): boolean {
  const { flags } = call.args;
  if ((flags & ~FLAG_PASID) !== 0) {
    call.reject("EINVAL", "unknown flags");
    return false;
  }
  if ((flags & FLAG_PASID) === 0) return true;
  if (argszOf(call) < WITH_PASID_BYTES) {
    call.reject("EINVAL", "the struct has no room for a PASID");
    return false;
  }
  if (isReadable(call, WITH_PASID_BYTES)) return true;
  call.reject("EFAULT", "the PASID cannot be read");
  return false;
}

function pasidOf(call: AttachCall): number | undefined {
  return (call.args.flags & FLAG_PASID) === 0 ? undefined : call.args.pasid;
}

function planFor(
  call: AttachCall,
  pasid: number | undefined,
  against_design = false,
): AttachPlan | AttachRefusal | undefined {
  const { attachments, bond } = deviceOf(call);
  assert(bond !== undefined, "a device that grants access is bound");
  const wish = {
    device: bond.object,
    pasid: pasid ?? 0,
    pt_id: call.args.pt_id,
    process: call.process,
    against_design,
  };
  if (attachments.has(pasid)) return planReplace(wish);
  return pasid !== undefined && pasid >= PASID_LIMIT ? undefined : planAttach(wish);
}
