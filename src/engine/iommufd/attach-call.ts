/** What the ioctls that attach and replace have in common. */

import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { AttachPlan, AttachRefusal } from "./attach.js";
import { fails } from "./operation.js";

/** Predicts the refusal, and leaves behind in the hardware what it is known to leave. */
export function rejectAttach<L extends StructLayout>(
  call: IoctlCall<L>,
  { errno, why, aftermath }: AttachRefusal,
): void {
  if (fails(call, errno, why)) aftermath?.();
}

/**
 * The id the call reports for the HWPT now used. An injected EINVAL makes the kernel pass over the
 * existing automatic HWPT and make a second one: where faults are injected, that is followed.
 *
 * @param taken Ids the call takes for other objects before the HWPT's.
 */
export function predictedPtId<L extends StructLayout>(
  call: IoctlCall<L>,
  field: string,
  plan: AttachPlan,
  taken = 0,
): number {
  const predicted = plan.predictedId(taken);
  const observed = call.observedField(field);
  const second = typeof observed === "number" && plan.canBeSecondHwpt(observed, taken);
  if (!second || !call.process.faultInjection) return predicted;
  call.injected = true;
  return observed;
}
