import { VFIO_DEVICE_DETACH_IOMMUFD_PT } from "../abi/vfio.js";
import { assert } from "../assert.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { argszOf, checkArgument, isReadable } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import { mayChangeAttachment } from "../vfio/preserved-device.js";
import { defineOp } from "./define.js";

const FLAG_PASID = 1;
const WITH_PASID_BYTES = 12;

type DetachCall = IoctlCall<typeof VFIO_DEVICE_DETACH_IOMMUFD_PT>;

/** VFIO_DEVICE_DETACH_IOMMUFD_PT: detaches the device or a PASID; nothing attached is no error. */
export const vfioDeviceDetachIommufdPt = defineOp({
  layout: VFIO_DEVICE_DETACH_IOMMUFD_PT,
  source: "vfio_df_ioctl_detach_pt, drivers/vfio/device_cdev.c (v7.3.4)",
  support: { level: "partial", missing: "emulated devices" },
  adopts: {},
  execute(call) {
    if (!checkArgument(call)) return;
    const { flags, pasid } = call.args;
    if ((flags & ~FLAG_PASID) !== 0) {
      call.reject("EINVAL", "unknown flags");
      return;
    }
    const withPasid = (flags & FLAG_PASID) !== 0;
    if (withPasid && argszOf(call) < WITH_PASID_BYTES) {
      call.reject("EINVAL", "the struct has no room for a PASID");
      return;
    }
    if (withPasid && !isReadable(call, WITH_PASID_BYTES)) {
      call.reject("EFAULT", "the PASID cannot be read");
      return;
    }
    if (mayChangeAttachment(call) && call.accept()) detach(call, withPasid ? pasid : undefined);
  },
  follow(call) {
    // The kernel changed what it should have kept for the next one.
    const { flags, pasid } = call.args;
    if (deviceOf(call).hardware.group.preserved_devices === 0) return;
    detach(call, (flags & FLAG_PASID) !== 0 ? pasid : undefined);
  },
});

function detach(call: DetachCall, pasid: number | undefined): void {
  const { attachments, bond } = deviceOf(call);
  assert(bond !== undefined, "a device that grants access is bound");
  attachments.detach(bond.object, pasid);
}
