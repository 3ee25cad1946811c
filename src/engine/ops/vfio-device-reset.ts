import { VFIO_DEVICE_RESET } from "../abi/vfio.js";
import { deviceOf } from "../vfio/device-file.js";
import { defineOp } from "./define.js";

/** VFIO_DEVICE_RESET: a function reset; EINVAL where the device has no way to do one. */
export const vfioDeviceReset = defineOp({
  layout: VFIO_DEVICE_RESET,
  source: "vfio_pci_ioctl_reset, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)",
  support: { level: "partial", missing: "EAGAIN while another user holds the device's lock" },
  adopts: {},
  execute(call) {
    const device = deviceOf(call);
    if (device.resettable === false) {
      call.reject("EINVAL", "the device cannot be reset");
      return;
    }
    if (call.accept()) device.reset(call.machine);
    else if (call.observedErrno === "EINVAL") device.resettable = false;
  },
  follow(call) {
    const device = deviceOf(call);
    device.resettable = true;
    device.reset(call.machine);
  },
});
