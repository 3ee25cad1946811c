/**
 * What a call was answered. The trace's word counts where it has one; a call without a recorded
 * result takes the engine's own outcome.
 */

import type { Errno } from "../engine/errno.js";
import type { StepView } from "./view.js";

interface Recorded {
  readonly ret?: number | undefined;
  readonly address?: number | bigint | undefined;
  readonly errno?: Errno | undefined;
  readonly never_returned?: true | undefined;
}

function recordedRet(step: StepView): number | bigint | undefined {
  const { ret, address } = step.event as Recorded;
  return ret ?? address;
}

/** True when the call was answered with success. */
export function succeeded(step: StepView): boolean {
  const ret = recordedRet(step);
  if (ret !== undefined) return ret !== -1;
  if ((step.event as Recorded).never_returned === true) return false;
  return step.outcome.errno === undefined;
}

/** The errno the call was answered with, or undefined. */
export function refusal(step: StepView): Errno | undefined {
  const ret = recordedRet(step);
  if (ret === -1) return (step.event as Recorded).errno;
  return ret === undefined ? step.outcome.errno : undefined;
}

/** True when the call was answered with this errno. */
export function refusedWith(step: StepView, errno: Errno): boolean {
  return refusal(step) === errno;
}

/** True when the kernel accepted what the model refuses with this errno. */
export function acceptedAgainst(step: StepView, errno: Errno): boolean {
  return step.outcome.errno === errno && recordedRet(step) !== undefined && succeeded(step);
}
