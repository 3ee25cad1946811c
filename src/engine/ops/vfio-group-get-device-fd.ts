import { VFIO_GROUP_GET_DEVICE_FD } from "../abi/vfio.js";
import { O_CLOEXEC, O_RDWR } from "../call/call.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Errno } from "../errno.js";
import { hasFreeFd } from "../file/free-fd.js";
import type { OpenFile } from "../file/open-file.js";
import { planAttach } from "../iommufd/attach.js";
import { Device } from "../iommufd/device.js";
import { VfioDeviceFile } from "../vfio/device-file.js";
import { checkOpenDevice, contextBehind, openDevice } from "../vfio/open-device.js";
import type { PciDevice } from "../vfio/pci-device.js";
import { checkVfToken, parseVfToken, takeVfToken } from "../vfio/vf-token.js";
import { groupOf } from "../vfio/vfio-group.js";
import { defineOp } from "./define.js";

type GetDeviceFdCall = IoctlCall<typeof VFIO_GROUP_GET_DEVICE_FD>;

/** `<PCI address>`, or that and one option. */
const NAME = /^(\S+)(?: (.*))?$/s;
const TOKEN_OPTION = /^vf_token=([0-9a-fA-F-]{36}) *$/;

/**
 * VFIO_GROUP_GET_DEVICE_FD: opens a device of the group. The first open binds it to the group's
 * iommufd and attaches it to the compat IOAS; no ids are reported, but they are taken.
 */
export const vfioGroupGetDeviceFd = defineOp({
  layout: VFIO_GROUP_GET_DEVICE_FD,
  source: "vfio_group_ioctl_get_device_fd, drivers/vfio/group.c (v7.3.4)",
  support: { level: "partial", missing: "the random first token of a PF, emulated devices" },
  adopts: { ret: "number of the new descriptor" },
  execute(call) {
    const name = nameOf(call);
    if (name === undefined) {
      call.reject("EFAULT", "the name cannot be read");
      return;
    }
    const group = groupOf(call);
    const [, bdf = "", options] = NAME.exec(name) ?? [];
    const device = call.machine.devices.openInGroup(group.number, bdf);
    if (device === undefined) {
      call.reject("ENODEV", `no device ${bdf} in group ${group.number}`);
      return;
    }
    const [, uuid] = TOKEN_OPTION.exec(options ?? "") ?? [];
    const token = uuid === undefined ? undefined : parseVfToken(uuid);
    if (token === undefined && (options ?? "").trim() !== "") {
      call.reject("EINVAL", "unknown option behind the name, or no UUID as token");
      return;
    }
    const refused = checkVfToken(device, token);
    if (refused !== undefined) return call.reject(refused, "VF token");
    if (call.observedErrno !== "EACCES") takeVfToken(device, token);
    if (!hasFreeFd(call)) return;
    const taken = device.arrived_as && call.machine.profile.boot.open_preserved_device;
    if (taken !== undefined) return call.reject(taken, "the device waits for its session");
    if (group.container === undefined) call.reject("EINVAL", "the group has no container");
    else if (device.open_count > 0) openAgain(call, device);
    else openFirst(call, device, group.container);
  },
});

function nameOf(call: GetDeviceFdCall): string | undefined {
  const { in: fields, tail } = call.event;
  if (fields === null || fields === undefined) return undefined;
  const name = fields["name"] ?? Buffer.from(tail ?? []).toString("latin1");
  const [text] = String(name).split("\0");
  return text;
}

/** @source vfio_df_group_open, vfio_iommufd_compat_attach_ioas (v7.3.4) */
function openFirst(call: GetDeviceFdCall, device: PciDevice, container: OpenFile): void {
  const refused = checkOpenDevice(device, container) ?? checkCompat(call, device, container);
  if (refused !== undefined) {
    call.reject(refused);
    return;
  }
  if (!call.accept(call.process.fds.lowestFree())) return;
  const context = contextBehind(container);
  const id = context?.nextId() ?? 0;
  openDevice(call.machine, device, { file: container, id, path: "group" });
  const plan = compatPlan(call, device.bond?.object, context?.compatIoas?.id);
  if (plan?.errno === undefined && plan !== undefined) {
    plan.commit(plan.predictedId());
    device.attachments.add(undefined);
  }
  install(call, device);
}

function openAgain(call: GetDeviceFdCall, device: PciDevice): void {
  if (!call.accept(call.process.fds.lowestFree())) return;
  device.open_count++;
  install(call, device);
}

function install(call: GetDeviceFdCall, device: PciDevice): void {
  const file = new VfioDeviceFile(device, "group", call.machine.epoch);
  file.access_granted = true;
  call.noteAdopted("ret");
  call.ret = call.installFd(call.observedFd(), file, O_RDWR | O_CLOEXEC);
}

/** Whether the device can be attached to the compat IOAS, before anything is changed. */
function checkCompat(
  call: GetDeviceFdCall,
  device: PciDevice,
  container: OpenFile,
): Errno | undefined {
  const context = contextBehind(container);
  if (context?.compatIoas === undefined) return "ENODEV";
  const candidate = new Device(context, 0, device.hardware);
  return compatPlan(call, candidate, context.compatIoas.id)?.errno;
}

function compatPlan(call: GetDeviceFdCall, device: Device | undefined, pt_id: number | undefined) {
  if (device === undefined || pt_id === undefined) return undefined;
  return planAttach({ device, pasid: 0, pt_id, process: call.process });
}
