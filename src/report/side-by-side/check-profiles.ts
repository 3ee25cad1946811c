import { type Checker, createChecker } from "../../checkers/checker.js";
import type { Finding } from "../../checkers/finding.js";
import type { Event } from "../../engine/event/index.js";
import type { Machine } from "../../engine/machine.js";
import { PROFILES, type ProfileId } from "../../engine/profile/index.js";
import type { LimitError } from "../../replay/limit-error.js";
import { ReplayAccount } from "../../replay/replay.js";
import { analyseSideBySide } from "../../replay/side-by-side/analyse-side-by-side.js";
import type { TraceSource } from "../../replay/source.js";
import { countSeverities, doubtsAboutTrace, doubtsOf, verdictOf } from "../check-report.js";
import { headerFacts, skippedOf, traceEnd } from "../run-options.js";
import { matchFindings } from "./match-findings.js";
import { Partings } from "./partings.js";
import { agrees, type ComparedTrace, type ProfileRun } from "./profiles-report.js";

export interface CheckProfilesOptions {
  /** Two or more, each once; the others are held against the first. */
  readonly profiles: readonly ProfileId[];
  /** Called now and then, for a progress bar. */
  readonly on_progress?: (() => void) | undefined;
  /** Sees every event, once. */
  readonly listener?: ((event: Event) => void) | undefined;
}

export interface ComparedResult {
  readonly trace: ComparedTrace;
  /** The limit that was hit; the trace counts up to there. */
  readonly limit: LimitError | undefined;
}

/** One profile's judges over a run. */
interface Judges {
  readonly profile: ProfileId;
  readonly checker: Checker;
  readonly account: ReplayAccount;
}

/**
 * Judges a trace under several profiles in one pass and says where they part.
 *
 * @throws TraceError where the trace cannot be read on.
 */
export async function checkProfiles(
  source: TraceSource,
  options: CheckProfilesOptions,
): Promise<ComparedResult> {
  const profiles = options.profiles.map((id) => PROFILES[id]);
  const judges = options.profiles.map((profile): Judges => {
    const checker = createChecker({ profile, header: headerFacts(source, { profile }) });
    return { profile, checker, account: new ReplayAccount(0) };
  });
  const partings = new Partings();
  const run = await analyseSideBySide(source, {
    profiles,
    on_progress: options.on_progress,
    listener: (event, steps) => {
      options.listener?.(event);
      partings.add(event, steps);
      for (const [index, { step, machine }] of steps.entries()) {
        judges[index]?.checker.step(step, machine);
        judges[index]?.account.add(step);
      }
    },
  });
  const cut = run.limit === undefined ? [] : [`only the first ${run.events} events were read`];
  const ended = judges.map((judge, index) => {
    const machine = run.lanes[index]?.machine;
    return endRun(judge, judges, machine, source, cut);
  });
  const findings = matchFindings(ended, (finding, pair) => partedAt(finding, pair, partings));
  const runs = ended.map(({ run }) => run);
  const parts = { runs, findings, partings: partings.first(), calls: partings.calls() };
  return {
    trace: {
      path: source.path,
      events: run.events,
      headerProfile: source.header.profile ?? null,
      skipped: skippedOf(source),
      same: agrees(parts),
      ...parts,
      callsLeftOut: partings.left_out,
    },
    limit: run.limit,
  };
}

function endRun(
  { profile, checker, account }: Judges,
  all: readonly Judges[],
  machine: Machine | undefined,
  source: TraceSource,
  cut: readonly string[],
) {
  const findings = machine === undefined ? [] : checker.finish(traceEnd(source), machine);
  const verdicts = checker.verdicts();
  const about = doubtsAboutTrace(account.events, account.unrecorded);
  const reasons = [...doubtsOf(verdicts), ...about, ...cut];
  const own = new Set(checker.rules.map(({ id }) => id));
  const others = new Set(all.flatMap((judge) => judge.checker.rules.map(({ id }) => id)));
  const run: ProfileRun = {
    profile,
    verdict: verdictOf(findings, reasons),
    reasons,
    summary: countSeverities(findings),
    calls: account.calls,
    rules: own.size,
    rulesNotApplied: [...others].filter((id) => !own.has(id)).sort(),
    findings,
  };
  const doubts = new Map(verdicts.map(({ rule, reasons }) => [rule, reasons]));
  return { profile, findings, doubts, run };
}

/**
 * The event that explains why one run has a finding and another has not: the finding's own or its
 * newest witness, if a fact of the profiles makes the runs part there; else the newest such event
 * before the finding.
 */
function partedAt(
  { seq, witness }: Finding,
  [having, without]: readonly [ProfileId, ProfileId],
  partings: Partings,
): number | undefined {
  for (const decided of [partings.decidedAt(having), partings.decidedAt(without)]) {
    const at = decided.find((at) => at === seq || witness.includes(at));
    const found = at ?? decided.find((before) => before <= seq);
    if (found !== undefined) return found;
  }
  return undefined;
}
