/** Exit statuses: what CI scripts rely on. */

export const EXIT = {
  /** Nothing at or above `--fail-on`. */
  ok: 0,
  /** Findings, differences or divergences. */
  found: 1,
  /** The input or the command line cannot be used. */
  unusable: 2,
  /** A stated limit was hit, so that the result covers only a part. */
  limit: 3,
  /** lutrace itself is wrong (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** From harmless to serious: what makes the other results less trustworthy comes last. */
const ORDER: readonly ExitStatus[] = [EXIT.ok, EXIT.found, EXIT.limit, EXIT.unusable, EXIT.bug];

/** The status of a run over several traces: the most serious one. */
export function worstStatus(statuses: readonly ExitStatus[]): ExitStatus {
  return statuses.reduce<ExitStatus>(
    (worst, status) => (ORDER.indexOf(status) > ORDER.indexOf(worst) ? status : worst),
    EXIT.ok,
  );
}
