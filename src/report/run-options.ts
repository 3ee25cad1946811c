import type { TraceEnd } from "../checkers/finding.js";
import type { HeaderFacts } from "../checkers/rule.js";
import { PROFILES, type Profile, type ProfileId } from "../engine/profile/index.js";
import type { TraceSource } from "../replay/source.js";

/** What every run over a trace can be told. */
export interface RunOptions {
  /** Overrides what the trace's header says. */
  readonly profile?: ProfileId | undefined;
  /** Called now and then, for a progress bar. */
  readonly on_progress?: (() => void) | undefined;
}

/** Merged kernel: what a trace is replayed under that names no profile. */
const DEFAULT_PROFILE: ProfileId = "luo73";

/**
 * The profile a trace is replayed under: the one asked for, else its header's, else the merged
 * kernel's.
 */
export function profileOf(source: TraceSource, options: RunOptions): Profile {
  return PROFILES[options.profile ?? source.header.profile ?? DEFAULT_PROFILE];
}

/** The lines a source left out, by kind, in a stable order. */
export function skippedOf(source: TraceSource): Record<string, number> {
  return Object.fromEntries([...source.skipped].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the rules want to know from a trace's header and from the command line. */
export function headerFacts(source: TraceSource, options: RunOptions): HeaderFacts {
  return {
    profile: source.header.profile,
    profile_overridden: options.profile !== undefined,
    disposable: source.header.disposable,
  };
}

/** How the trace ended, once it was read. */
export function traceEnd(source: TraceSource): TraceEnd {
  let skipped_lines = 0;
  for (const lines of source.skipped.values()) skipped_lines += lines;
  return { skipped_lines };
}
