/** All rules, by id. A rule is one file here and one line in this list. */

import type { Rule } from "../rule.js";
import { cmpImageWithoutKho } from "./cmp-image-without-kho.js";
import { immMemfdSizeChangedWhilePreserved } from "./imm-memfd-size-changed-while-preserved.js";
import { immSealsAddedAfterPreserve } from "./imm-seals-added-after-preserve.js";
import { leakFileNotRetrievedAtFinish } from "./leak-file-not-retrieved-at-finish.js";
import { leakSessionFdSingleHolder } from "./leak-session-fd-single-holder.js";
import { leakSessionNeverRetrieved } from "./leak-session-never-retrieved.js";
import { ownTwoClaimantsOneSession } from "./own-two-claimants-one-session.js";
import { sesClosedBeforeKexec } from "./ses-closed-before-kexec.js";
import { sesDeviceOpenContention } from "./ses-device-open-contention.js";
import { sesDoublePreserve } from "./ses-double-preserve.js";
import { sesFinishWithoutRetrieve } from "./ses-finish-without-retrieve.js";
import { sesNameInvalid } from "./ses-name-invalid.js";
import { sesOpenEio } from "./ses-open-eio.js";
import { sesPreserveAfterRetrieve } from "./ses-preserve-after-retrieve.js";
import { sesRetrieveBeforeKexec } from "./ses-retrieve-before-kexec.js";
import { sesRetrieveSessionTwice } from "./ses-retrieve-session-twice.js";
import { sesRetryFailedRetrieve } from "./ses-retry-failed-retrieve.js";
import { sesTokenReuse } from "./ses-token-reuse.js";
import { traceFdUnknown } from "./trace-fd-unknown.js";
import { traceProfileMissing } from "./trace-profile-missing.js";
import { traceResultMissing } from "./trace-result-missing.js";
import { traceTimestampDisorder } from "./trace-timestamp-disorder.js";

export const RULES: readonly Rule[] = [
  cmpImageWithoutKho,
  immMemfdSizeChangedWhilePreserved,
  immSealsAddedAfterPreserve,
  leakFileNotRetrievedAtFinish,
  leakSessionFdSingleHolder,
  leakSessionNeverRetrieved,
  ownTwoClaimantsOneSession,
  sesClosedBeforeKexec,
  sesDeviceOpenContention,
  sesDoublePreserve,
  sesFinishWithoutRetrieve,
  sesNameInvalid,
  sesOpenEio,
  sesPreserveAfterRetrieve,
  sesRetrieveBeforeKexec,
  sesRetrieveSessionTwice,
  sesRetryFailedRetrieve,
  sesTokenReuse,
  traceFdUnknown,
  traceProfileMissing,
  traceResultMissing,
  traceTimestampDisorder,
];

export function ruleById(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id);
}
