/** Where the runs of a trace part, for people, and the calls with differing answers. */

import { printable } from "../../replay/printable.js";
import { listed, sayings, wrapped } from "../list-text.js";
import { count, counted } from "../number-text.js";
import type { Style } from "../style.js";
import { renderTable } from "../table.js";
import type { CallDifference, Parting } from "./partings.js";
import type { ComparedTrace } from "./profiles-report.js";
import { type ProfilesTextOptions, TEXT_COLUMNS } from "./text-options.js";

const BECAUSE_COLUMNS = 40;

/** The first event at which each other profile leaves the first one's way, and why. */
export function partingLines(
  { runs, partings }: ComparedTrace,
  { style }: ProfilesTextOptions,
): string[] {
  const [base, ...others] = runs.map(({ profile }) => profile);
  const bySeq = new Map<number, Parting[]>();
  for (const parting of partings) {
    bySeq.set(parting.seq, [...(bySeq.get(parting.seq) ?? []), parting]);
  }
  const lines = [...bySeq.values()].flatMap((group) => groupLines(group, style));
  const alike = others.filter((id) => !partings.some(({ profile }) => profile === id));
  if (alike.length === 0 || base === undefined) return lines;
  const who = listed([base, ...alike]);
  return [...lines, "", `Under ${who} every call has the same answer and the same effect.`];
}

/** Profiles that leave the first one's way at the same event. */
function groupLines(group: readonly Parting[], style: Style): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const { from, seq, call, recorded } = first;
  const facts = new Map(group.flatMap(({ facts }) => facts).map((one) => [one.fact, one]));
  const ids = [from, ...group.map(({ profile }) => profile)];
  const answers = group.flatMap((parting) =>
    parting.answers.map(({ profile, answer, decided_by }) => {
      const verb = parting.what === "answer" ? "answers " : "";
      const why = decided_by === undefined ? "" : ` (${decided_by})`;
      return [profile, printable(`${verb}${answer}${why}`)] as const;
    }),
  );
  const answered = group.some(({ what }) => what === "answer");
  return [
    "",
    style.bold(`${partText(ids)} at #${seq}: ${answered ? "another answer" : "another effect"}`),
    style.dim(`  #${seq} ${call}`),
    ...sayings(answers, "  ", TEXT_COLUMNS),
    ...(answered && recorded !== null
      ? [`  recorded was: ${recorded}; all runs go on from that`]
      : []),
    ...[...facts.keys()].flatMap((path) => factLines(path, group, style)),
  ];
}

/** "a and b part", "a parts from b and c". */
function partText([from = "", ...others]: readonly string[]): string {
  const [only] = others;
  return others.length === 1 ? `${from} and ${only} part` : `${from} parts from ${listed(others)}`;
}

function factLines(path: string, group: readonly Parting[], style: Style): string[] {
  const own = group.flatMap(({ facts }) => facts.filter(({ fact }) => fact === path));
  const [first] = own;
  if (first === undefined) return [];
  const said = own.flatMap(({ says }) => Object.entries(says));
  return [
    ...wrapped(`because of: ${first.what}`, "  ", TEXT_COLUMNS),
    ...sayings(said, "    ", TEXT_COLUMNS),
    ...wrapped(`source: ${first.source}`, "    ", TEXT_COLUMNS).map((line) => style.dim(line)),
  ];
}

/** Calls to which the profiles give different answers, by kind. */
export function callLines(
  { runs, calls, callsLeftOut }: ComparedTrace,
  { style, calls_max }: ProfilesTextOptions,
): string[] {
  if (calls.length === 0) return [];
  const recorded = calls.some((call) => call.recorded !== null);
  const columns = [
    { title: "first", align: "right" as const },
    { title: "times", align: "right" as const },
    { title: "operation" },
    ...(recorded ? [{ title: "recorded" }] : []),
    ...runs.map(({ profile }) => ({ title: profile })),
    { title: "because of", width_columns: BECAUSE_COLUMNS },
  ];
  const rows = calls
    .slice(0, calls_max)
    .map((call) => [
      `#${call.seq}`,
      count(call.times),
      printable(call.op),
      ...(recorded ? [call.recorded ?? ""] : []),
      ...runs.map(({ profile }) => printable(answerUnder(call, profile))),
      call.facts.map(({ what }) => what).join("; ") || "what parted before",
    ]);
  const left = calls.length - calls_max;
  return [
    "",
    style.bold("Calls with another answer"),
    renderTable(columns, rows, style),
    ...(left > 0 ? [`  … and ${counted(left, "more kind")} (--format json shows all)`] : []),
    ...(callsLeftOut > 0 ? [`  … and ${counted(callsLeftOut, "call")} of other kinds`] : []),
  ];
}

function answerUnder({ answers }: CallDifference, id: string): string {
  return answers.find(({ profile }) => profile === id)?.answer ?? "";
}
