/**
 * lutrace as a library: the same functions as the command line, typed.
 *
 * ```ts
 * import { checkTrace, openTrace } from "lutrace";
 *
 * const { trace } = await checkTrace(await openTrace("vm7.ndjson.gz"));
 * const found = trace.findings.map(({ rule, seq, message }) => `#${seq} ${rule}: ${message}`);
 * ```
 *
 * What is exported here stays: it may grow, it is not renamed. What is not exported here is not
 * part of the interface.
 */

export { type Checker, type CheckerOptions, createChecker } from "./checkers/checker.js";
export type { Cause, Finding, RuleVerdict, Severity } from "./checkers/finding.js";
export type { Rule, RuleMeta } from "./checkers/rule.js";
export { RULES, ruleById } from "./checkers/rules/index.js";
export { AssertionError } from "./engine/assert.js";
export type { Outcome } from "./engine/call/outcome.js";
export type { Event, EventType, IoctlEvent } from "./engine/event/index.js";
export { Machine, type Step } from "./engine/machine.js";
export { isProfileId, PROFILES, type Profile, type ProfileId } from "./engine/profile/index.js";
export type { Transition, TransitionKind, TransitionOf } from "./engine/transition.js";
export {
  type Analysis,
  type AnalysisOptions,
  analyse,
  type StepListener,
} from "./replay/analysis.js";
export { type AtPoint, StopRule } from "./replay/at-point.js";
export { compareOutcome, type Divergence } from "./replay/compare.js";
export { diffStates } from "./replay/diff/diff-states.js";
export type { Difference } from "./replay/diff/difference.js";
export {
  type LockstepResult,
  type LockstepSide,
  runLockstep,
} from "./replay/diff/lockstep.js";
export type { Parting } from "./replay/diff/parting.js";
export { FORMAT_VERSION, type TraceHeader } from "./replay/header.js";
export { importFile, importTrace } from "./replay/import-trace.js";
export { LimitError } from "./replay/limit-error.js";
export { printable } from "./replay/printable.js";
export { type CallCounts, ReplayAccount } from "./replay/replay.js";
export { type OpenOptions, openTrace, type TraceSource } from "./replay/source.js";
export {
  type DescribedState,
  describeMachine,
  describeState,
} from "./replay/state/describe-state.js";
export { lineageNames } from "./replay/state/lineage-names.js";
export { hashState, stateHash } from "./replay/state/state-hash.js";
export { canonicalJson, readableJson } from "./replay/state/state-text.js";
export {
  LazyList,
  type StateObject,
  type StateValue,
  toPlain,
} from "./replay/state/state-value.js";
export { TraceError } from "./replay/trace-error.js";
export { writeTrace, writeTraceFile } from "./replay/writer.js";
export { type CheckedTrace, type CheckReport, checkReport } from "./report/check-report.js";
export { type CheckOptions, type CheckResult, checkTrace } from "./report/check-trace.js";
export { eventLine } from "./report/event-line.js";
export { type OpFacts, operations } from "./report/operations.js";
export { type ProfileFacts, profileFacts } from "./report/profiles/profile-facts.js";
export { type ReplayedTrace, type ReplayReport, replayReport } from "./report/replay-report.js";
export { type ReplayOptions, replayTrace } from "./report/replay-trace.js";
export {
  type CheckProfilesOptions,
  type ComparedResult,
  checkProfiles,
} from "./report/side-by-side/check-profiles.js";
export {
  type ComparedTrace,
  type ProfilesReport,
  profilesReport,
} from "./report/side-by-side/profiles-report.js";
