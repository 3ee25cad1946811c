/** What a profile says, fact by fact, so that two profiles can be compared in words. */

import { FACT_WORDS, type FactWords, NEEDS, type StatedFact, type Topic } from "./fact-words.js";
import { PROFILES, type Profile, type ProfileId } from "./index.js";

/** A fact's name: section and field of the profile, such as `finish.with_live_domain`. */
export type FactPath = StatedFact | `requests.${string}`;

/** Something on which profiles may differ. */
export interface Fact {
  readonly path: FactPath;
  readonly topic: Topic;
  /** The situation; what a profile says about it is `sayFact`. */
  readonly what: string;
  /** Where it is known from. */
  readonly source: string;
  /** Calls in which it shows, where an earlier call decides it. */
  readonly shows_later_in: readonly string[];
}

/** All facts, by topic in the order of an update. */
export const FACTS: readonly Fact[] = [...statedFacts(), ...requestFacts()];

const BY_PATH: ReadonlyMap<string, Fact> = new Map(FACTS.map((fact) => [fact.path, fact]));

export function factOf(path: FactPath): Fact | undefined {
  return BY_PATH.get(path);
}

/** The bare value: an errno, undefined for what is allowed, a choice, a request number. */
export function factValue(profile: Profile, path: FactPath): string | boolean | number | undefined {
  const [section = "", field = ""] = path.split(".");
  const values = profile[section as keyof Profile] as Readonly<Record<string, unknown>>;
  return values[field] as string | boolean | number | undefined;
}

/** What a profile says about a fact, as the predicate of a sentence: `refused with EBUSY`. */
export function sayFact(profile: Profile, path: FactPath): string {
  const value = factValue(profile, path);
  if (isRequest(path)) {
    return typeof value === "number" ? `0x${value.toString(16)}` : "no such command (ENOTTY)";
  }
  const { needs, says }: FactWords = FACT_WORDS[path];
  const need = needs === undefined ? undefined : NEEDS[needs];
  if (need !== undefined && !need.holds(profile)) return `does not arise: ${need.otherwise}`;
  const said = says?.[String(value)];
  if (said !== undefined) return said;
  return value === undefined ? "allowed" : `refused with ${String(value)}`;
}

/** The facts about which these profiles do not say the same. */
export function differingFacts(ids: readonly ProfileId[]): readonly Fact[] {
  return FACTS.filter(({ path }) => {
    const said = new Set(ids.map((id) => sayFact(PROFILES[id], path)));
    return said.size > 1;
  });
}

function statedFacts(): Fact[] {
  return Object.entries(FACT_WORDS).map(([path, words]: [string, FactWords]) => ({
    path: path as StatedFact,
    topic: words.topic,
    what: words.what,
    source: words.source,
    shows_later_in: words.shows_later_in ?? [],
  }));
}

/** One fact for each command whose number is a matter of the profile. */
function requestFacts(): Fact[] {
  const names = Object.values(PROFILES).flatMap(({ requests }) => Object.keys(requests));
  return [...new Set(names)].sort().map((name) => ({
    path: `requests.${name}`,
    topic: "requests",
    what: `number of ${name}`,
    source: "include/uapi/linux/iommufd.h of the series; v7.3 took 0x3b95 for another command",
    shows_later_in: [],
  }));
}

function isRequest(path: FactPath): path is `requests.${string}` {
  return path.startsWith("requests.");
}
