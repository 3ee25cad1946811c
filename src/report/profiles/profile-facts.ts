/** The document of `profiles A B --format json`, and what its text is made from. */

import type { Severity } from "../../checkers/finding.js";
import type { Rule } from "../../checkers/rule.js";
import { RULES } from "../../checkers/rules/index.js";
import type { Topic } from "../../engine/profile/fact-words.js";
import { differingFacts, FACTS, type FactPath, sayFact } from "../../engine/profile/facts.js";
import { PROFILES, type ProfileId } from "../../engine/profile/index.js";

export interface ProfileName {
  readonly id: ProfileId;
  readonly title: string;
  readonly source: string;
}

type PerProfile<T> = Readonly<Partial<Record<ProfileId, T>>>;

/** A fact, and what each profile says about it. */
export interface FactLine {
  /** Section and field of the profile, such as `finish.with_live_domain`. */
  readonly fact: FactPath;
  readonly topic: Topic;
  /** The situation. */
  readonly what: string;
  readonly says: PerProfile<string>;
  readonly source: string;
}

/** A rule's severity under each profile; null where it does not hold. */
export interface RuleLine {
  readonly rule: string;
  readonly severity: PerProfile<Severity | null>;
}

export interface ProfileFacts {
  readonly version: 1;
  readonly profiles: readonly ProfileName[];
  /** Of one profile all facts, of several those about which they do not say the same. */
  readonly facts: readonly FactLine[];
  /** Of one profile all rules that hold, of several those they do not have alike. */
  readonly rules: readonly RuleLine[];
  /** Facts and rules there are. */
  readonly known: { readonly facts: number; readonly rules: number };
}

/** What one profile says, or how several differ. */
export function profileFacts(
  ids: readonly ProfileId[],
  rules: readonly Rule[] = RULES,
): ProfileFacts {
  const shown = ids.length === 1 ? FACTS : differingFacts(ids);
  return {
    version: 1,
    profiles: ids.map(profileName),
    facts: shown.map(({ path, topic, what, source }) => ({
      fact: path,
      topic,
      what,
      says: perProfile(ids, (id) => sayFact(PROFILES[id], path)),
      source,
    })),
    rules: rules
      .map((rule) => ({ rule: rule.id, severity: perProfile(ids, (id) => severityIn(rule, id)) }))
      .filter(({ severity }) => {
        const different = new Set(Object.values(severity));
        return ids.length === 1 ? !different.has(null) : different.size > 1;
      }),
    known: { facts: FACTS.length, rules: rules.length },
  };
}

export function profileName(id: ProfileId): ProfileName {
  const { title, source } = PROFILES[id];
  return { id, title, source };
}

function severityIn({ profiles, severity, severity_in }: Rule, id: ProfileId): Severity | null {
  return profiles.includes(id) ? (severity_in?.[id] ?? severity) : null;
}

function perProfile<T>(ids: readonly ProfileId[], of: (id: ProfileId) => T): PerProfile<T> {
  return Object.fromEntries(ids.map((id) => [id, of(id)]));
}
