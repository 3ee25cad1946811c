/** All rules, by id. A rule is one file here and one line in this list. */

import type { Rule } from "../rule.js";
import { apiAutoDomain } from "./api-auto-domain-for-liveupdate.js";
import { apiDestroyInUse } from "./api-destroy-in-use.js";
import { apiDestroyRestored } from "./api-destroy-restored-before-replace.js";
import { apiIdReusedAcrossKexec } from "./api-id-reused-across-kexec.js";
import { apiMapRestoredHwpt } from "./api-map-restored-hwpt.js";
import { apiMarkNeverPreserved } from "./api-mark-never-preserved.js";
import { apiMarkNonpaging } from "./api-mark-nonpaging.js";
import { apiMarkTokenCollision } from "./api-mark-token-collision.js";
import { apiRestoreBeforeBind } from "./api-restore-before-bind.js";
import { apiRestoreOnFreshIommufd } from "./api-restore-on-fresh-iommufd.js";
import { apiRestoreTwice } from "./api-restore-twice.js";
import { apiUseAfterDestroy } from "./api-use-after-destroy.js";
import { apiWrongNumber } from "./api-wrong-number-for-profile.js";
import { cmpAnonMapping } from "./cmp-anon-mapping-in-marked-hwpt.js";
import { cmpDeviceNotPreserved } from "./cmp-device-not-preserved.js";
import { cmpDomainWithoutDevice } from "./cmp-domain-without-device.js";
import { cmpHwptNotMarked } from "./cmp-hwpt-not-marked.js";
import { cmpImageWithoutKho } from "./cmp-image-without-kho.js";
import { cmpInterruptsEnabledAtFreeze } from "./cmp-interrupts-enabled-at-freeze.js";
import { cmpMappedMemoryNotPreserved } from "./cmp-mapped-memory-not-preserved.js";
import { cmpMarkedAfterPreserve } from "./cmp-marked-after-iommufd-preserve.js";
import { cmpMemfdNotInSameSession } from "./cmp-memfd-not-in-same-session.js";
import { cmpMemfdShrunk } from "./cmp-memfd-shrunk-between-map-and-preserve.js";
import { cmpMmioMapping } from "./cmp-mmio-mapping.js";
import { cmpNestedNotPreserved } from "./cmp-nested-not-preserved.js";
import { cmpNextKernelCannotAccept } from "./cmp-next-kernel-cannot-accept.js";
import { cmpPasidAttachedAtPreserve } from "./cmp-pasid-attached-at-preserve.js";
import { cmpSecondUpdate } from "./cmp-second-update-with-unfinished-session.js";
import { cmpUnsealedAtMap } from "./cmp-unsealed-at-map.js";
import { cmpVmWithoutMemory } from "./cmp-vm-without-memory.js";
import { dmaAfterDestroy } from "./dma-after-destroy.js";
import { dmaAfterDetach } from "./dma-after-detach.js";
import { dmaBetweenPauseAndResume } from "./dma-between-pause-and-resume.js";
import { dmaByVfPreserved } from "./dma-by-vf-preserved.js";
import { dmaDuringVfioFreeze } from "./dma-during-vfio-freeze.js";
import { dmaLostTranslation } from "./dma-lost-translation.js";
import { dmaReplacedTooEarly } from "./dma-replaced-too-early.js";
import { dmaReplacementHole } from "./dma-replacement-hole.js";
import { dmaRequesterIdChanged } from "./dma-requester-id-changed.js";
import { dmaToReusedPage } from "./dma-to-reused-page.js";
import { dmaTranslationChanged } from "./dma-translation-changed-across-kexec.js";
import { dmaUnmappedIova } from "./dma-unmapped-iova.js";
import { dmaUnpreservedInBlackout } from "./dma-unpreserved-device-in-blackout.js";
import { dmaWriteReadonlyMapping } from "./dma-write-readonly-mapping.js";
import { immAttachNewDevice } from "./imm-attach-new-device-to-restored-domain.js";
import { immDestroyPreservedHwpt } from "./imm-destroy-preserved-hwpt.js";
import { immDeviceAttachmentChanged } from "./imm-device-attachment-changed-after-preserve.js";
import { immDeviceLeftPreservedHwpt } from "./imm-device-left-preserved-hwpt.js";
import { immGuestMemfdFault } from "./imm-guest-memfd-fault-while-frozen.js";
import { immMapOnPreservedIoas } from "./imm-map-on-preserved-ioas.js";
import { immMemfdSizeChangedWhilePreserved } from "./imm-memfd-size-changed-while-preserved.js";
import { immMutateRestoredDomain } from "./imm-mutate-restored-domain.js";
import { immPunchRetrievedMemfd } from "./imm-punch-retrieved-memfd-under-restored-domain.js";
import { immReplaceWithRestored } from "./imm-replace-with-restored.js";
import { immSealsAddedAfterPreserve } from "./imm-seals-added-after-preserve.js";
import { immSealsGrow } from "./imm-seals-grow-across-kexec.js";
import { immUnmapOnPreservedIoas } from "./imm-unmap-on-preserved-ioas.js";
import { leakDeadToken } from "./leak-dead-token.js";
import { leakFileMappedIntoOwnContext } from "./leak-file-mapped-into-own-context.js";
import { leakFileNotRetrievedAtFinish } from "./leak-file-not-retrieved-at-finish.js";
import { leakFlbHeldByOneSession } from "./leak-flb-held-by-one-session.js";
import { leakHwptNotRestored } from "./leak-hwpt-not-restored.js";
import { leakOutgoingSession } from "./leak-outgoing-session-not-closed-after-abort.js";
import { leakPreservedMemory } from "./leak-preserved-memory-unreferenced.js";
import { leakRestoredHwptAfterReplace } from "./leak-restored-hwpt-after-replace.js";
import { leakSessionFdSingleHolder } from "./leak-session-fd-single-holder.js";
import { leakSessionLeftOpen } from "./leak-session-left-open.js";
import { leakSessionNeverRetrieved } from "./leak-session-never-retrieved.js";
import { leakSessionStuck } from "./leak-session-stuck.js";
import { ownDeviceSessionMismatch } from "./own-device-session-mismatch.js";
import { ownDomainFreedWithoutOwner } from "./own-domain-freed-without-owner.js";
import { ownDriverSwitchAcrossKexec } from "./own-driver-switch-across-kexec.js";
import { ownFinishTouchedDomain } from "./own-finish-touched-domain.js";
import { ownForeignBind } from "./own-foreign-bind-preserved-device.js";
import { ownKernelDriver } from "./own-kernel-driver-on-preserved-device.js";
import { ownLegacyOpen } from "./own-legacy-open-preserved-device.js";
import { ownReaperBeforeOwnerExit } from "./own-reaper-before-owner-exit.js";
import { ownReleaseWhileDmaActive } from "./own-release-while-dma-active.js";
import { ownSharedGroupPartialPreserve } from "./own-shared-group-partial-preserve.js";
import { ownTwoClaimantsOneSession } from "./own-two-claimants-one-session.js";
import { sesClosedBeforeKexec } from "./ses-closed-before-kexec.js";
import { sesDeviceOpenContention } from "./ses-device-open-contention.js";
import { sesDoublePreserve } from "./ses-double-preserve.js";
import { sesFdPassedToUnknownRole } from "./ses-fd-passed-to-unknown-role.js";
import { sesFinishBeforeReplace } from "./ses-finish-before-replace.js";
import { sesFinishRefusedLoop } from "./ses-finish-refused-loop.js";
import { sesFinishWithoutRetrieve } from "./ses-finish-without-retrieve.js";
import { sesFreezeFailureIgnored } from "./ses-freeze-failure-ignored.js";
import { sesFreezeNotUndone } from "./ses-freeze-not-undone.js";
import { sesIoctlAfterFreeze } from "./ses-ioctl-after-freeze.js";
import { sesNameInvalid } from "./ses-name-invalid.js";
import { sesOpenEio } from "./ses-open-eio.js";
import { sesOrderViolation } from "./ses-order-violation.js";
import { sesPreserveAfterRetrieve } from "./ses-preserve-after-retrieve.js";
import { sesReaperIncomplete } from "./ses-reaper-incomplete.js";
import { sesRetrieveBeforeKexec } from "./ses-retrieve-before-kexec.js";
import { sesRetrieveSessionTwice } from "./ses-retrieve-session-twice.js";
import { sesRetrieveUnknownToken } from "./ses-retrieve-unknown-token.js";
import { sesRetryFailedRetrieve } from "./ses-retry-failed-retrieve.js";
import { sesTokenReuse } from "./ses-token-reuse.js";
import { traceBlackoutSyscall } from "./trace-blackout-syscall.js";
import { traceDuplicateObject } from "./trace-duplicate-object.js";
import { traceEpochRegression } from "./trace-epoch-regression.js";
import { traceFdSurvivesKexec } from "./trace-fd-survives-kexec.js";
import { traceFdUnknown } from "./trace-fd-unknown.js";
import { traceImpossibleResult } from "./trace-impossible-result.js";
import { traceKexecWithoutReboot } from "./trace-kexec-without-reboot.js";
import { traceOverlappingMap } from "./trace-overlapping-map.js";
import { traceProfileMissing } from "./trace-profile-missing.js";
import { traceResultMissing } from "./trace-result-missing.js";
import { traceSizeField } from "./trace-size-field.js";
import { traceTimestampDisorder } from "./trace-timestamp-disorder.js";

export const RULES: readonly Rule[] = [
  apiAutoDomain,
  apiDestroyInUse,
  apiDestroyRestored,
  apiIdReusedAcrossKexec,
  apiMapRestoredHwpt,
  apiMarkNeverPreserved,
  apiMarkNonpaging,
  apiMarkTokenCollision,
  apiRestoreBeforeBind,
  apiRestoreOnFreshIommufd,
  apiRestoreTwice,
  apiUseAfterDestroy,
  apiWrongNumber,
  cmpAnonMapping,
  cmpDeviceNotPreserved,
  cmpDomainWithoutDevice,
  cmpHwptNotMarked,
  cmpImageWithoutKho,
  cmpInterruptsEnabledAtFreeze,
  cmpMappedMemoryNotPreserved,
  cmpMarkedAfterPreserve,
  cmpMemfdNotInSameSession,
  cmpMemfdShrunk,
  cmpMmioMapping,
  cmpNestedNotPreserved,
  cmpNextKernelCannotAccept,
  cmpPasidAttachedAtPreserve,
  cmpSecondUpdate,
  cmpUnsealedAtMap,
  cmpVmWithoutMemory,
  dmaAfterDestroy,
  dmaAfterDetach,
  dmaBetweenPauseAndResume,
  dmaByVfPreserved,
  dmaDuringVfioFreeze,
  dmaLostTranslation,
  dmaReplacedTooEarly,
  dmaReplacementHole,
  dmaRequesterIdChanged,
  dmaToReusedPage,
  dmaTranslationChanged,
  dmaUnmappedIova,
  dmaUnpreservedInBlackout,
  dmaWriteReadonlyMapping,
  immAttachNewDevice,
  immDestroyPreservedHwpt,
  immDeviceAttachmentChanged,
  immDeviceLeftPreservedHwpt,
  immGuestMemfdFault,
  immMapOnPreservedIoas,
  immMemfdSizeChangedWhilePreserved,
  immMutateRestoredDomain,
  immPunchRetrievedMemfd,
  immReplaceWithRestored,
  immSealsAddedAfterPreserve,
  immSealsGrow,
  immUnmapOnPreservedIoas,
  leakDeadToken,
  leakFileMappedIntoOwnContext,
  leakFileNotRetrievedAtFinish,
  leakFlbHeldByOneSession,
  leakHwptNotRestored,
  leakOutgoingSession,
  leakPreservedMemory,
  leakRestoredHwptAfterReplace,
  leakSessionFdSingleHolder,
  leakSessionLeftOpen,
  leakSessionNeverRetrieved,
  leakSessionStuck,
  ownDeviceSessionMismatch,
  ownDomainFreedWithoutOwner,
  ownDriverSwitchAcrossKexec,
  ownFinishTouchedDomain,
  ownForeignBind,
  ownKernelDriver,
  ownLegacyOpen,
  ownReaperBeforeOwnerExit,
  ownReleaseWhileDmaActive,
  ownSharedGroupPartialPreserve,
  ownTwoClaimantsOneSession,
  sesClosedBeforeKexec,
  sesDeviceOpenContention,
  sesDoublePreserve,
  sesFdPassedToUnknownRole,
  sesFinishBeforeReplace,
  sesFinishRefusedLoop,
  sesFinishWithoutRetrieve,
  sesFreezeFailureIgnored,
  sesFreezeNotUndone,
  sesIoctlAfterFreeze,
  sesNameInvalid,
  sesOpenEio,
  sesOrderViolation,
  sesPreserveAfterRetrieve,
  sesReaperIncomplete,
  sesRetrieveBeforeKexec,
  sesRetrieveSessionTwice,
  sesRetrieveUnknownToken,
  sesRetryFailedRetrieve,
  sesTokenReuse,
  traceBlackoutSyscall,
  traceDuplicateObject,
  traceEpochRegression,
  traceFdSurvivesKexec,
  traceFdUnknown,
  traceImpossibleResult,
  traceKexecWithoutReboot,
  traceOverlappingMap,
  traceProfileMissing,
  traceResultMissing,
  traceSizeField,
  traceTimestampDisorder,
];

export function ruleById(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id);
}
