import type { TraceEnd } from "../checkers/finding.js";
import type { HeaderFacts } from "../checkers/rule.js";
import { isProfileId, PROFILES, type Profile, type ProfileId } from "../engine/profile/index.js";
import type { TraceSource } from "../replay/source.js";
import { TraceError } from "../replay/trace-error.js";

/** What every run over a trace can be told. */
export interface RunOptions {
  /** Overrides what the trace's header says. */
  readonly profile?: ProfileId | undefined;
  /** Stops after this many events. */
  readonly limit_events?: number | undefined;
  /** Called now and then, for a progress bar. */
  readonly on_progress?: (() => void) | undefined;
}

/** Merged kernel: what a trace is replayed under that names no profile. */
const DEFAULT_PROFILE: ProfileId = "luo73";

/**
 * The profile a trace is replayed under: the one asked for, else its header's, else the merged
 * kernel's.
 *
 * @throws TraceError for a header that names no profile we know.
 */
export function profileOf(source: TraceSource, options: RunOptions): Profile {
  if (options.profile !== undefined) return PROFILES[options.profile];
  const stated = source.header?.profile;
  if (stated === undefined) return PROFILES[DEFAULT_PROFILE];
  if (isProfileId(stated)) return PROFILES[stated];
  throw new TraceError(`unknown profile ${stated}`, {
    file: source.path,
    line: 1,
    field: "profile",
    hint: `profiles are ${Object.keys(PROFILES).join(", ")}; --profile overrides it`,
  });
}

/** The lines a source left out, by kind, in a stable order. */
export function skippedOf(source: TraceSource): Record<string, number> {
  return Object.fromEntries([...source.skipped].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the rules want to know from a trace's header and from the command line. */
export function headerFacts(source: TraceSource, options: RunOptions): HeaderFacts {
  return {
    profile: source.header?.profile,
    profile_overridden: options.profile !== undefined,
  };
}

/** How the trace ended, once it was read. */
export function traceEnd(source: TraceSource): TraceEnd {
  let skipped_lines = 0;
  for (const lines of source.skipped.values()) skipped_lines += lines;
  return { skipped_lines };
}
