/** Which facts of the profiles make two runs part at an event. */

import { FACTS, type Fact, type FactPath, factValue, sayFact } from "../../engine/profile/facts.js";
import type { Profile, ProfileId } from "../../engine/profile/index.js";
import type { LaneStep } from "../../replay/side-by-side/analyse-side-by-side.js";

/** A fact on which the profiles differ, and what each says. */
export interface FactDifference {
  /** Section and field of the profile, such as `finish.with_live_domain`. */
  readonly fact: FactPath;
  readonly what: string;
  readonly says: Readonly<Partial<Record<ProfileId, string>>>;
  readonly source: string;
}

/**
 * The facts that make two runs part at an event. Both run the same code, so it is a fact that both
 * read for this event and that is another one for each; of several, those that give the very
 * errnos. Else it is a fact that an earlier call has decided and that shows in this one. Empty
 * where the event only follows from an earlier parting.
 */
export function decidingFacts(op: string, a: LaneStep, b: LaneStep): Fact[] {
  const lanes = [a, b];
  const differing = FACTS.filter(
    ({ path }) => factValue(a.profile, path) !== factValue(b.profile, path),
  );
  const refused = lanes.some(({ step }) => step.outcome.errno !== undefined);
  const givesErrnos = ({ path }: Fact): boolean =>
    lanes.every(({ profile, step }) => step.outcome.errno === factValue(profile, path));
  const now = differing.filter(({ path }) => a.reads.has(path) && b.reads.has(path));
  if (now.some(givesErrnos)) return now.filter(givesErrnos);
  if (now.length > 0) return now;
  const later = differing.filter(({ shows_later_in }) => shows_later_in.includes(op));
  return refused ? later.filter(givesErrnos) : later;
}

/** What each profile says about a fact. */
export function factDifference(
  { path, what, source }: Fact,
  profiles: readonly Profile[],
): FactDifference {
  const says = profiles.map((profile) => [profile.id, sayFact(profile, path)]);
  return { fact: path, what, says: Object.fromEntries(says), source };
}
