/** One profile in full, or how several differ, for people. */

import { TOPIC_NOTES, TOPICS, type Topic } from "../../engine/profile/fact-words.js";
import type { ProfileId } from "../../engine/profile/index.js";
import { listed, sayings, wrapped } from "../list-text.js";
import { count, counted } from "../number-text.js";
import type { Style } from "../style.js";
import type { FactLine, ProfileFacts, ProfileName, RuleLine } from "./profile-facts.js";

const TEXT_COLUMNS = 100;
const NOT_ARISING = /^does not arise: /;

/** Text ending in a newline. */
export function profileText(document: ProfileFacts, style: Style): string {
  const { profiles, facts, rules } = document;
  const isOne = profiles.length === 1;
  const topics = Object.keys(TOPICS) as Topic[];
  const isVoid = ({ says }: FactLine): boolean =>
    isOne && Object.values(says).every((said) => NOT_ARISING.test(said));
  const shown = facts.filter((fact) => !isVoid(fact));
  const parts = [
    ...profiles.flatMap((profile) => nameLines(profile, profiles, style)),
    ...(isOne ? [] : ["", summaryLine(document)]),
    ...topics.flatMap((topic) => {
      const own = shown.filter((fact) => fact.topic === topic);
      const isSilent = own.length === 0 && !(isOne && TOPIC_NOTES[topic] !== undefined);
      return isSilent ? [] : topicLines(topic, own, isOne, style);
    }),
    ...voidLines(facts.filter(isVoid), style),
    ...(isOne ? ruleList(rules, style) : ruleDifferences(document, style)),
  ];
  return `${parts.join("\n")}\n`;
}

function nameLines(
  { id, title, source }: ProfileName,
  all: readonly ProfileName[],
  style: Style,
): string[] {
  const width = Math.max(...all.map((profile) => profile.id.length));
  const indent = " ".repeat(width + 2);
  return [
    `${style.bold(id.padEnd(width))}  ${title}`,
    ...wrapped(source, indent, TEXT_COLUMNS).map((line) => style.dim(line)),
  ];
}

function summaryLine({ profiles, facts, rules, known }: ProfileFacts): string {
  const who = listed(profiles.map(({ id }) => id));
  if (facts.length + rules.length === 0)
    return `${who} do the same in everything that is modelled.`;
  return (
    `${who} differ in ${count(facts.length)} of ${counted(known.facts, "fact")}` +
    ` and ${count(rules.length)} of ${counted(known.rules, "rule")}.`
  );
}

function topicLines(
  topic: Topic,
  facts: readonly FactLine[],
  isOne: boolean,
  style: Style,
): string[] {
  const note = isOne ? TOPIC_NOTES[topic] : undefined;
  return [
    "",
    style.bold(TOPICS[topic]),
    ...(note === undefined ? [] : wrapped(note, "  ", TEXT_COLUMNS)),
    ...facts.flatMap((fact) => factLines(fact, isOne, style)),
  ];
}

function factLines({ what, says, source }: FactLine, isOne: boolean, style: Style): string[] {
  const entries = Object.entries(says);
  const from = wrapped(`source: ${source}`, "    ", TEXT_COLUMNS).map((line) => style.dim(line));
  if (!isOne) {
    const said = sayings(entries, "    ", TEXT_COLUMNS);
    return [...wrapped(what, "  ", TEXT_COLUMNS), ...said, ...from];
  }
  const [[, said = ""] = []] = entries;
  return [...wrapped(`${what}: ${said}`, "  ", TEXT_COLUMNS), ...from];
}

/** What cannot happen under a profile, by the reason. */
function voidLines(facts: readonly FactLine[], style: Style): string[] {
  if (facts.length === 0) return [];
  const byReason = new Map<string, string[]>();
  for (const { what, says } of facts) {
    const reason = (Object.values(says)[0] ?? "").replace(NOT_ARISING, "");
    byReason.set(reason, [...(byReason.get(reason) ?? []), what]);
  }
  return [
    "",
    style.bold("What does not arise"),
    ...[...byReason].flatMap(([reason, whats]) => [
      `  because ${reason}:`,
      ...whats.flatMap((what) => wrapped(what, "    ", TEXT_COLUMNS)),
    ]),
  ];
}

function ruleList(rules: readonly RuleLine[], style: Style): string[] {
  const ids = rules.map(({ rule }) => rule).join(", ");
  return [
    "",
    style.bold(`Rules that hold (${count(rules.length)})`),
    ...wrapped(ids, "  ", TEXT_COLUMNS),
  ];
}

/** Rules by the profiles in which they hold, then those that are milder in some. */
function ruleDifferences({ rules, profiles }: ProfileFacts, style: Style): string[] {
  if (rules.length === 0) return [];
  const groups = new Map<string, string[]>();
  const milder: string[] = [];
  for (const { rule, severity } of rules) {
    const entries = profiles.map(({ id }) => [id, severity[id] ?? null] as const);
    const holding = entries.filter(([, level]) => level !== null);
    const others = entries.filter(([, level]) => level === null).map(([id]) => id);
    if (new Set(holding.map(([, level]) => level)).size > 1) {
      milder.push(`${rule}: ${holding.map(([id, level]) => `${level} under ${id}`).join(", ")}`);
    }
    if (others.length === 0) continue;
    const title = holdTitle(
      holding.map(([id]) => id),
      others,
      profiles.length,
    );
    groups.set(title, [...(groups.get(title) ?? []), rule]);
  }
  return [
    "",
    style.bold("Rules"),
    ...[...groups].flatMap(([title, ids]) =>
      wrapped(`${title} (${count(ids.length)}): ${ids.join(", ")}`, "  ", TEXT_COLUMNS),
    ),
    ...milder.map((text) => `  ${text}`),
  ];
}

function holdTitle(
  holding: readonly ProfileId[],
  others: readonly ProfileId[],
  profiles: number,
): string {
  if (profiles === 2) return `hold only under ${listed(holding)}`;
  return `hold under ${listed(holding)}, not under ${listed(others, "or")}`;
}
