import { VFIO_DEVICE_FEATURE } from "../abi/vfio.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { checkArgument, isReadable } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import { exportDmabuf } from "../vfio/export-dmabuf.js";
import { checkFeature, FEATURE_GET, FEATURE_PROBE, FEATURE_SET } from "../vfio/feature.js";
import { takeVfToken, VF_TOKEN_BYTES, vfTokenOf } from "../vfio/vf-token.js";
import { defineOp } from "./define.js";

type FeatureCall = IoctlCall<typeof VFIO_DEVICE_FEATURE>;

const FEATURE_NUMBER = 0xffff;
const LOW_POWER_WAKEUP_BYTES = 4;

/** What vfio-pci makes of a feature; a number that is not listed is ENOTTY. */
const FEATURES: Readonly<Record<number, (call: FeatureCall) => void>> = {
  /** PCI_VF_TOKEN: exists on a physical function only. */
  0: setVfToken,
  /** LOW_POWER_ENTRY, LOW_POWER_ENTRY_WITH_WAKEUP, LOW_POWER_EXIT. */
  3: (call) => powerFeature(call, 0),
  4: (call) => powerFeature(call, LOW_POWER_WAKEUP_BYTES),
  5: (call) => powerFeature(call, 0),
  11: exportDmabuf,
  /** MIG_PRECOPY_INFOv2 of a device that has no PRE_COPY. */
  12: (call) => call.reject("EINVAL", "the device has no PRE_COPY"),
};

/**
 * VFIO_DEVICE_FEATURE on a vfio-pci device without migration and dirty logging: those features do
 * not exist there, ENOTTY before any check of their own.
 */
export const vfioDeviceFeature = defineOp({
  layout: VFIO_DEVICE_FEATURE,
  source: "vfio_ioctl_device_feature, drivers/vfio/vfio_main.c (v7.3.4)",
  support: { level: "partial", missing: "migration, dirty logging, power states" },
  adopts: { ret: "number of the new descriptor" },
  execute(call) {
    if (!checkArgument(call)) return;
    const { flags } = call.args;
    const known = FEATURE_NUMBER | FEATURE_GET | FEATURE_SET | FEATURE_PROBE;
    if ((flags & ~known) !== 0) {
      call.reject("EINVAL", "unknown flags");
      return;
    }
    const both = FEATURE_GET | FEATURE_SET;
    if ((flags & both) === both && (flags & FEATURE_PROBE) === 0) {
      call.reject("EINVAL", "GET and SET together only with PROBE");
      return;
    }
    const feature = FEATURES[flags & FEATURE_NUMBER];
    if (feature === undefined) call.reject("ENOTTY", "the device does not have this feature");
    else feature(call);
  },
});

function powerFeature(call: FeatureCall, payload_bytes: number): void {
  if (!checkFeature(call, FEATURE_SET, payload_bytes)) return;
  call.accept();
}

/** @source vfio_pci_core_feature_token, drivers/vfio/pci/vfio_pci_core.c (v7.3.4) */
function setVfToken(call: FeatureCall): void {
  const device = deviceOf(call);
  if (device.sriov.kind !== "physical") {
    call.reject("ENOTTY", "the device is no SR-IOV physical function");
    return;
  }
  if (!checkFeature(call, FEATURE_SET, VF_TOKEN_BYTES)) return;
  if (!isReadable(call, call.layout.length_bytes + VF_TOKEN_BYTES)) {
    call.reject("EFAULT", "the token cannot be read");
    return;
  }
  if (call.accept()) takeVfToken(device, vfTokenOf(call.event.tail));
}
