import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { followAttach, planReplace } from "../iommufd/attach.js";
import { predictedPtId, rejectAttach } from "../iommufd/attach-call.js";
import type { Device } from "../iommufd/device.js";
import { commit } from "../iommufd/operation.js";
import { selftestDeviceOrReject } from "./mock-objects.js";

/** A replace as the selftest asks for it: `stdev_id` names the mock device. */
interface ReplaceArguments {
  readonly stdev_id: number;
  readonly pasid: number;
  readonly pt_id: number;
}

/** Moves a mock device to another domain; that stays done when the answer cannot be written. */
export function replaceMockDomain<L extends StructLayout>(
  call: IoctlCall<L>,
  { stdev_id, pasid, pt_id }: ReplaceArguments,
): void {
  const found = selftestDeviceOrReject(call, stdev_id);
  if (found === undefined) return;
  const { device } = found;
  const plan = planReplace({ device, pasid, pt_id, process: call.process });
  if (plan.errno !== undefined) {
    rejectAttach(call, plan);
    return;
  }
  const predicted = predictedPtId(call, "pt_id", plan);
  commit(call, () => {
    plan.commit(call.idFor("pt_id", predicted));
    return { pt_id: predicted };
  });
}

/** The kernel attached or replaced although the model refused; `pt_id` names the HWPT. */
export function followMockAttach<L extends StructLayout>(
  call: IoctlCall<L>,
  device: Device | undefined,
  { pasid, pt_id }: Omit<ReplaceArguments, "stdev_id">,
): void {
  if (device === undefined) return;
  const wish = { device, pasid, pt_id, process: call.process };
  followAttach(wish, call.idFor("pt_id", device.context.nextId()));
}
