/** All rules, by id. A rule is one file here and one line in this list. */

import type { Rule } from "../rule.js";
import { apiDestroyInUse } from "./api-destroy-in-use.js";
import { apiDestroyRestored } from "./api-destroy-restored-before-replace.js";
import { apiMapRestoredHwpt } from "./api-map-restored-hwpt.js";
import { apiUseAfterDestroy } from "./api-use-after-destroy.js";
import { cmpDeviceNotPreserved } from "./cmp-device-not-preserved.js";
import { cmpImageWithoutKho } from "./cmp-image-without-kho.js";
import { cmpMappedMemoryNotPreserved } from "./cmp-mapped-memory-not-preserved.js";
import { dmaAfterDetach } from "./dma-after-detach.js";
import { dmaReplacementHole } from "./dma-replacement-hole.js";
import { dmaToReusedPage } from "./dma-to-reused-page.js";
import { dmaUnmappedIova } from "./dma-unmapped-iova.js";
import { dmaWriteReadonlyMapping } from "./dma-write-readonly-mapping.js";
import { immMapOnPreservedIoas } from "./imm-map-on-preserved-ioas.js";
import { immMemfdSizeChangedWhilePreserved } from "./imm-memfd-size-changed-while-preserved.js";
import { immMutateRestoredDomain } from "./imm-mutate-restored-domain.js";
import { immPunchRetrievedMemfd } from "./imm-punch-retrieved-memfd-under-restored-domain.js";
import { immSealsAddedAfterPreserve } from "./imm-seals-added-after-preserve.js";
import { immUnmapOnPreservedIoas } from "./imm-unmap-on-preserved-ioas.js";
import { leakFileNotRetrievedAtFinish } from "./leak-file-not-retrieved-at-finish.js";
import { leakRestoredHwptAfterReplace } from "./leak-restored-hwpt-after-replace.js";
import { leakSessionFdSingleHolder } from "./leak-session-fd-single-holder.js";
import { leakSessionNeverRetrieved } from "./leak-session-never-retrieved.js";
import { leakSessionStuck } from "./leak-session-stuck.js";
import { ownDomainFreedWithoutOwner } from "./own-domain-freed-without-owner.js";
import { ownFinishTouchedDomain } from "./own-finish-touched-domain.js";
import { ownForeignBind } from "./own-foreign-bind-preserved-device.js";
import { ownKernelDriver } from "./own-kernel-driver-on-preserved-device.js";
import { ownTwoClaimantsOneSession } from "./own-two-claimants-one-session.js";
import { sesClosedBeforeKexec } from "./ses-closed-before-kexec.js";
import { sesDeviceOpenContention } from "./ses-device-open-contention.js";
import { sesDoublePreserve } from "./ses-double-preserve.js";
import { sesFinishBeforeReplace } from "./ses-finish-before-replace.js";
import { sesFinishWithoutRetrieve } from "./ses-finish-without-retrieve.js";
import { sesNameInvalid } from "./ses-name-invalid.js";
import { sesOpenEio } from "./ses-open-eio.js";
import { sesPreserveAfterRetrieve } from "./ses-preserve-after-retrieve.js";
import { sesReaperIncomplete } from "./ses-reaper-incomplete.js";
import { sesRetrieveBeforeKexec } from "./ses-retrieve-before-kexec.js";
import { sesRetrieveSessionTwice } from "./ses-retrieve-session-twice.js";
import { sesRetryFailedRetrieve } from "./ses-retry-failed-retrieve.js";
import { sesTokenReuse } from "./ses-token-reuse.js";
import { traceFdUnknown } from "./trace-fd-unknown.js";
import { traceOverlappingMap } from "./trace-overlapping-map.js";
import { traceProfileMissing } from "./trace-profile-missing.js";
import { traceResultMissing } from "./trace-result-missing.js";
import { traceTimestampDisorder } from "./trace-timestamp-disorder.js";

export const RULES: readonly Rule[] = [
  apiDestroyInUse,
  apiDestroyRestored,
  apiMapRestoredHwpt,
  apiUseAfterDestroy,
  cmpDeviceNotPreserved,
  cmpImageWithoutKho,
  cmpMappedMemoryNotPreserved,
  dmaAfterDetach,
  dmaReplacementHole,
  dmaToReusedPage,
  dmaUnmappedIova,
  dmaWriteReadonlyMapping,
  immMapOnPreservedIoas,
  immMemfdSizeChangedWhilePreserved,
  immMutateRestoredDomain,
  immPunchRetrievedMemfd,
  immSealsAddedAfterPreserve,
  immUnmapOnPreservedIoas,
  leakFileNotRetrievedAtFinish,
  leakRestoredHwptAfterReplace,
  leakSessionFdSingleHolder,
  leakSessionNeverRetrieved,
  leakSessionStuck,
  ownDomainFreedWithoutOwner,
  ownFinishTouchedDomain,
  ownForeignBind,
  ownKernelDriver,
  ownTwoClaimantsOneSession,
  sesClosedBeforeKexec,
  sesDeviceOpenContention,
  sesDoublePreserve,
  sesFinishBeforeReplace,
  sesFinishWithoutRetrieve,
  sesNameInvalid,
  sesOpenEio,
  sesPreserveAfterRetrieve,
  sesReaperIncomplete,
  sesRetrieveBeforeKexec,
  sesRetrieveSessionTwice,
  sesRetryFailedRetrieve,
  sesTokenReuse,
  traceFdUnknown,
  traceOverlappingMap,
  traceProfileMissing,
  traceResultMissing,
  traceTimestampDisorder,
];

export function ruleById(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id);
}
