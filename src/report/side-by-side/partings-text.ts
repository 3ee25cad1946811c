/** Where the runs of a trace part, for people, and the calls with differing answers. */

import { printable } from "../../replay/printable.js";
import { listed, wrapped } from "../list-text.js";
import { count, counted } from "../number-text.js";
import type { Style } from "../style.js";
import { renderTable } from "../table.js";
import type { FactDifference } from "./deciding-facts.js";
import type { CallDifference, Parting, ProfileAnswer } from "./partings.js";
import type { ComparedTrace } from "./profiles-report.js";
import { type ProfilesTextOptions, TEXT_COLUMNS } from "./text-options.js";

const BECAUSE_COLUMNS = 40;

/** The first event at which each other profile leaves the first one's way, and why. */
export function partingLines(
  { runs, partings }: ComparedTrace,
  { style }: ProfilesTextOptions,
): string[] {
  const [base, ...others] = runs.map(({ profile }) => profile);
  const lines = partings.flatMap((parting) => onePartingLines(parting, style));
  const alike = others.filter((id) => !partings.some(({ profile }) => profile === id));
  if (alike.length === 0 || base === undefined) return lines;
  const who = listed([base, ...alike]);
  return [...lines, "", `Under ${who} every call has the same answer and the same effect.`];
}

function onePartingLines(parting: Parting, style: Style): string[] {
  const { profile, from, seq, call, what, answers, facts, recorded } = parting;
  const width = Math.max(profile.length, from.length);
  const lines = [
    "",
    style.bold(`${from} and ${profile} part at #${seq}`),
    style.dim(`  #${seq} ${call}`),
    ...answers.flatMap((answer) => answerLines(answer, what, width)),
    ...facts.flatMap((fact) => factLines(fact, [from, profile], style)),
  ];
  if (what === "answer" && recorded !== null) {
    lines.push(`  recorded was: ${recorded}. Both runs go on from that.`);
  }
  return lines;
}

function answerLines(
  { profile, answer, decided_by }: ProfileAnswer,
  what: Parting["what"],
  width: number,
): string[] {
  const why = decided_by === undefined ? "" : `: ${decided_by}`;
  const verb = what === "answer" ? "answers " : "";
  const text = printable(`${profile.padEnd(width)}  ${verb}${answer}${why}`);
  return wrapped(text, "  ", TEXT_COLUMNS);
}

function factLines(
  { what, says, source }: FactDifference,
  profiles: readonly string[],
  style: Style,
): string[] {
  const sayings = profiles.map((id) => `${id}: ${says[id as keyof typeof says] ?? ""}`);
  return [
    ...wrapped(`because of: ${what}`, "  ", TEXT_COLUMNS),
    ...sayings.map((saying) => `    ${saying}`),
    ...wrapped(`source: ${source}`, "    ", TEXT_COLUMNS).map((line) => style.dim(line)),
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
