/** The document of `replay --format json`, and what the text is made from. */

import type { Divergence } from "../replay/compare.js";
import type { CallCounts, ReplayAccount } from "../replay/replay.js";
import type { FailedTrace } from "./check-report.js";
import type { DivergenceKinds } from "./divergence-kinds.js";

export interface ReplayedTrace {
  readonly path: string;
  readonly events: number;
  readonly profile: string;
  readonly stateHash: string;
  readonly calls: CallCounts;
  readonly byOp: Readonly<Record<string, CallCounts>>;
  /** Outputs taken from the trace, by operation and field, with how often. */
  readonly adopted: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Failures that fault injection explains. */
  readonly injected: number;
  /** Why the account may not be about what the trace was meant to show. */
  readonly reasons: readonly string[];
  /** Lines that were left out, by kind. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly divergences: readonly Divergence[];
  /** Divergences beyond `--max-divergences`; they are counted in `calls` all the same. */
  readonly divergencesLeftOut: number;
}

export interface ReplayReport {
  readonly version: 1;
  readonly traces: readonly ReplayedTrace[];
  readonly errors?: readonly FailedTrace[];
}

/** A replayed trace with what only the text shows. */
export interface ReplayResult {
  readonly trace: ReplayedTrace;
  readonly kinds: DivergenceKinds;
}

/** The countable part of a replay, with keys in a stable order. */
export function accountParts(account: ReplayAccount) {
  const byName = <T>(entries: Iterable<readonly [string, T]>): [string, T][] =>
    Array.from(entries, ([name, value]): [string, T] => [name, value]).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
  const doubt = account.unrecorded.doubt();
  return {
    reasons: doubt === undefined ? [] : [doubt],
    calls: account.calls,
    byOp: Object.fromEntries(byName(account.byOp)),
    adopted: Object.fromEntries(
      byName(account.adopted).map(([op, fields]) => [op, Object.fromEntries(byName(fields))]),
    ),
    injected: account.injected,
    divergences: account.divergences,
    divergencesLeftOut: account.divergencesLeftOut,
  };
}

export function replayReport(
  traces: readonly ReplayedTrace[],
  errors: readonly FailedTrace[] = [],
): ReplayReport {
  return { version: 1, traces, ...(errors.length === 0 ? {} : { errors }) };
}
