import { VFIO_DEVICE_BIND_IOMMUFD } from "../abi/vfio.js";
import { checkStructSize } from "../call/front.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Errno } from "../errno.js";
import type { OpenFile } from "../file/open-file.js";
import { isReadable, isWritable } from "../vfio/argument.js";
import { deviceFileOf } from "../vfio/device-file.js";
import { checkOpenDevice, contextBehind, openDevice } from "../vfio/open-device.js";
import {
  checkVfToken,
  physicalFunction,
  takeVfToken,
  VF_TOKEN_BYTES,
  type VfToken,
  vfTokenOf,
} from "../vfio/vf-token.js";
import { defineOp } from "./define.js";

const FLAG_TOKEN = 1;
const OUT_DEVID_OFFSET = 12;

type BindCall = IoctlCall<typeof VFIO_DEVICE_BIND_IOMMUFD>;

/** VFIO_DEVICE_BIND_IOMMUFD: opens a cdev for real and makes it a DEVICE object of an iommufd. */
export const vfioDeviceBindIommufd = defineOp({
  layout: VFIO_DEVICE_BIND_IOMMUFD,
  source: "vfio_df_ioctl_bind_iommufd, drivers/vfio/device_cdev.c (v7.3.4)",
  support: { level: "partial", missing: "the random first token of a PF, emulated devices" },
  adopts: {},
  execute(call) {
    if (!checkCopy(call)) return;
    const errno = checkState(call) ?? checkToken(call);
    if (errno !== undefined) {
      call.reject(errno);
      return;
    }
    // The token stays even if the rest fails.
    if (call.observedErrno !== "EACCES") takeVfToken(deviceFileOf(call).device, tokenOf(call));
    const file = call.process.fds.getUsable(call.args.iommufd);
    if (file === undefined) {
      call.reject("EBADF", `descriptor ${call.args.iommufd} is not open`);
      return;
    }
    const refused = checkTarget(call, file);
    if (refused !== undefined) {
      call.reject(refused);
      return;
    }
    if (!isWritable(call, OUT_DEVID_OFFSET, 4)) {
      call.reject("EFAULT", "out_devid cannot be written; the device is unbound again");
      return;
    }
    if (call.accept()) commit(call, file);
  },
  follow(call) {
    const file = call.process.fds.getUsable(call.args.iommufd);
    const { device } = deviceFileOf(call);
    if (file === undefined || contextBehind(file) === undefined) return;
    // A device that takes a token although the model knows of none is a physical function.
    const given = tokenOf(call);
    if (given !== undefined && device.sriov.kind === "none") device.sriov = physicalFunction();
    takeVfToken(device, given);
    if (device.bond === undefined && device.hardware.bound === undefined) commit(call, file);
  },
});

/** The struct is copied by the rule of growing structs: a longer one must end in zeros. */
function checkCopy(call: BindCall): boolean {
  const { size = 0 } = call;
  if (!isReadable(call, 4)) {
    call.reject("EFAULT", "argsz cannot be read");
    return false;
  }
  if (size > call.layout.minimum_bytes && !isReadable(call, size)) {
    call.reject("EFAULT", "the struct cannot be read");
    return false;
  }
  if (!checkStructSize(call)) return false;
  if (isReadable(call, size)) return true;
  call.reject("EFAULT", "the struct cannot be read");
  return false;
}

function checkState(call: BindCall): Errno | undefined {
  const { iommufd, flags } = call.args;
  const file = deviceFileOf(call);
  if (iommufd < 0 || (flags & ~FLAG_TOKEN) !== 0 || file.path === "group") return "EINVAL";
  const group = call.machine.devices.groupOf(file.device);
  if (group?.opened !== undefined) return "EBUSY";
  return file.access_granted ? "EINVAL" : undefined;
}

function checkToken(call: BindCall): Errno | undefined {
  const { flags, token_uuid_ptr } = call.args;
  const { device } = deviceFileOf(call);
  const given = (flags & FLAG_TOKEN) !== 0;
  if (given && !call.process.mm.isReadable(token_uuid_ptr, BigInt(VF_TOKEN_BYTES))) return "EFAULT";
  // A token the recorder could not keep is one nobody knows.
  return checkVfToken(device, given ? (tokenOf(call) ?? UNKNOWN_TOKEN) : undefined);
}

const UNKNOWN_TOKEN = "?";

function tokenOf(call: BindCall): VfToken | undefined {
  return (call.args.flags & FLAG_TOKEN) === 0 ? undefined : vfTokenOf(call.memIn);
}

function checkTarget(call: BindCall, file: OpenFile): Errno | undefined {
  const { device } = deviceFileOf(call);
  if (contextBehind(file) === undefined) return "EBADFD";
  if (device.open_count > 0) return "EINVAL";
  return checkOpenDevice(device, file);
}

function commit(call: BindCall, file: OpenFile): void {
  const deviceFile = deviceFileOf(call);
  const context = contextBehind(file);
  const predicted = context?.nextId() ?? 0;
  call.write({ out_devid: predicted });
  const observed = call.idFor("out_devid", predicted);
  // An id that the model believes to be in use cannot be followed.
  const id = context?.find(observed) === undefined ? observed : predicted;
  openDevice(call.machine, deviceFile.device, { file, id, path: "cdev" });
  deviceFile.access_granted = true;
}
