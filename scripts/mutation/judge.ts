/** What the rules say about a telling. */

import { createChecker } from "../../src/checkers/checker.js";
import type { Finding } from "../../src/checkers/finding.js";
import type { Event } from "../../src/engine/event/index.js";
import type { Machine, Step } from "../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import type { TraceHeader } from "../../src/replay/header.js";
import { startMachine } from "../../src/replay/start-machine.js";

export interface JudgedTrace {
  readonly profile: ProfileId;
  readonly header: TraceHeader;
  readonly events: readonly Event[];
}

/** Findings of a trace under all rules of its profile. */
export function judge(
  { profile, header, events }: JudgedTrace,
  listener?: (step: Step, machine: Machine) => void,
): { findings: readonly Finding[]; machine: Machine } {
  const machine = startMachine(PROFILES[profile], header);
  const checker = createChecker({ profile, header: { profile: header.profile } });
  for (const event of events) {
    const step = machine.apply(event);
    checker.step(step, machine);
    listener?.(step, machine);
  }
  return { findings: checker.finish({}, machine), machine };
}

/** A finding that stands for a fault of its own. */
export function isRoot({ severity, caused_by }: Finding): boolean {
  return severity !== "info" && caused_by === undefined;
}

/** The findings that a clean trace does not have. */
export function newFindings(found: readonly Finding[], before: readonly Finding[]): Finding[] {
  const known = new Set(before.map(({ fingerprint }) => fingerprint));
  return found.filter(({ fingerprint }) => !known.has(fingerprint));
}
