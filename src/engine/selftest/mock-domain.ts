import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { type AttachWish, followAttach, planAttach } from "../iommufd/attach.js";
import { predictedPtId, rejectAttach } from "../iommufd/attach-call.js";
import { bind, Device } from "../iommufd/device.js";
import { contextOf } from "../iommufd/operation.js";
import { MOCK_FLAGS_DEVICE_NO_DIRTY, MOCK_FLAGS_DEVICE_PASID, MockDevice } from "./mock-device.js";
import { MOCK_UNIT } from "./mock-unit.js";
import { SelftestDevice } from "./selftest-device.js";

const KNOWN_FLAGS = MOCK_FLAGS_DEVICE_NO_DIRTY | MOCK_FLAGS_DEVICE_PASID;
/** The call takes a SELFTEST id and a DEVICE id before it comes to the HWPT. */
const IDS_TAKEN = 2;

/**
 * Makes a mock device, binds it and attaches it to an IOAS or a HWPT. The SELFTEST id is reserved
 * but not visible while it does, the DEVICE id is visible: naming them as target gives different
 * errors.
 *
 * @source iommufd_test_mock_domain, drivers/iommu/iommufd/selftest.c (v7.3.4)
 */
export function makeMockDevice<L extends StructLayout>(
  call: IoctlCall<L>,
  pt_id: number,
  flags: number,
): void {
  if ((flags & ~KNOWN_FLAGS) !== 0) {
    call.reject("EINVAL", "unknown device flags");
    return;
  }
  const [out_stdev_id = 0, out_idev_id = 0] = contextOf(call).nextIds(IDS_TAKEN);
  if (pt_id === out_idev_id) {
    call.reject("EINVAL", "the target is the new device itself");
    return;
  }
  const wish = newWish(call, pt_id, flags);
  const plan = planAttach(wish);
  if (plan.errno !== undefined) {
    rejectAttach(call, plan);
    return;
  }
  const out_hwpt_id = predictedPtId(call, "out_hwpt_id", plan, IDS_TAKEN);
  if (!call.respond({ out_stdev_id, out_idev_id, out_hwpt_id })) return;
  publish(call, wish.device, out_stdev_id, out_idev_id);
  plan.commit(call.idFor("out_hwpt_id", out_hwpt_id));
}

/** The kernel made the device although the model refused. */
export function followMockDevice<L extends StructLayout>(
  call: IoctlCall<L>,
  pt_id: number,
  flags: number,
): void {
  const [stdev_id = 0, idev_id = 0, hwpt_id = 0] = contextOf(call).nextIds(IDS_TAKEN + 1);
  const wish = newWish(call, pt_id, flags);
  publish(call, wish.device, stdev_id, idev_id);
  followAttach(wish, call.idFor("out_hwpt_id", hwpt_id));
}

function newWish<L extends StructLayout>(
  call: IoctlCall<L>,
  pt_id: number,
  flags: number,
): AttachWish {
  const { machine, process } = call;
  const serial = machine.newSerial();
  const hardware = new MockDevice(`iommufd_mock${serial}`, MOCK_UNIT, flags);
  const device = new Device(contextOf(call), serial, hardware);
  return { device, pasid: 0, pt_id, process };
}

function publish<L extends StructLayout>(
  call: IoctlCall<L>,
  device: Device,
  stdev_id: number,
  idev_id: number,
): void {
  const { context, hardware } = device;
  if (!(hardware instanceof MockDevice)) return;
  const selftest = new SelftestDevice(context, call.machine.newSerial(), hardware, device);
  context.add(selftest, call.idFor("out_stdev_id", stdev_id));
  bind(device, call.idFor("out_idev_id", idev_id));
}
