/** The catalogue as a page for people: docs/scenarios.md. */

import type { ProfileId } from "../../../engine/profile/index.js";
import { FAULTS } from "../synth/faults.js";
import { HAPPY } from "./a-happy.js";
import { FORGOTTEN } from "./b-forgotten.js";
import { ABORTED } from "./c-aborted.js";
import { CRASHES } from "./d-crash.js";
import { DISCIPLINE } from "./e-discipline.js";
import { TOPOLOGIES } from "./f-topologies.js";
import { UNIT_DOMAINS } from "./g-unit-domains.js";
import { UNIT_SESSIONS } from "./g-unit-sessions.js";
import { EVERY, type ScenarioPlan, scenarioName, tellScenario } from "./plan.js";
import { UNTOLD } from "./untold.js";

const CHAPTERS: readonly (readonly [title: string, plans: readonly ScenarioPlan[]])[] = [
  ["A. Updates that go as they should", HAPPY],
  ["B. Something was left behind", FORGOTTEN],
  ["C. The jump does not come, or leads to nowhere", ABORTED],
  ["D. The VMM dies in its restore", CRASHES],
  ["E. What may be done with a restored HWPT, its memory and its session", DISCIPLINE],
  ["F. Shared groups, virtual functions, several sessions and managers", TOPOLOGIES],
  ["G. One rule each: devices, page tables, DMA", UNIT_DOMAINS],
  ["G. One rule each: sessions, memory, the trace itself", UNIT_SESSIONS],
];

const INTRODUCTION = `# Scenarios

Synthetic traces of live updates, each with the findings it must give. \`lutrace synth S13\` prints
one of them, \`lutrace synth --list\` names them all; those whose rules exist lie in
[traces/scenarios](../traces/scenarios) with their expected findings beside them. In a scenario the
emulated kernel answers the calls, except where the story needs a kernel that does otherwise
("the kernel lets it pass").

A finding is written as rule (severity). "clean" means no error and no warning;
infos are listed too. Profiles are the kernels and series of \`lutrace profiles\`.
This page is made from the table of scenarios, and a test keeps it in step.
`;

/** The text of docs/scenarios.md. */
export function cataloguePage(): string {
  const chapters = CHAPTERS.map(([title, plans]) =>
    [`## ${title}`, ...plans.map(sectionOf)].join("\n\n"),
  );
  return `${[INTRODUCTION.trimEnd(), ...chapters, untold(), faults()].join("\n\n")}\n`;
}

function sectionOf(plan: ScenarioPlan): string {
  const lines = [`### ${scenarioName(plan)}`, "", plan.title, "", `${plan.shows}`, ""];
  const byFindings = new Map<string, ProfileId[]>();
  for (const profile of plan.profiles) {
    const { expected } = tellScenario(plan, profile);
    const found = expected.map(({ rule, severity }) => `${rule} (${severity})`);
    const grave = expected.some(({ severity }) => severity !== "info");
    const clean = grave ? [] : ["clean"];
    const text = [...new Set([...clean, ...found])].join(", ");
    byFindings.set(text, [...(byFindings.get(text) ?? []), profile]);
  }
  for (const [findings, profiles] of byFindings)
    lines.push(`- ${profiles.join(", ")}: ${findings}`);
  return lines.join("\n");
}

function untold(): string {
  const lines = UNTOLD.map(({ id, title, reason }) => `- ${id}: ${title} Not told: ${reason}.`);
  return ["## What cannot be told", "", ...lines].join("\n");
}

function faults(): string {
  const heading = [
    "## Faults of compositions",
    "",
    "`lutrace synth --fault <kind>` puts one of these into a composition; everything else goes as",
    "it should, so that exactly these rules are broken.",
    "",
    "| fault | what goes wrong | profiles | breaks |",
    "|---|---|---|---|",
  ];
  const rows = FAULTS.map(({ id, summary, profiles, steps, rules }) => {
    const broken = new Set(
      profiles.flatMap((profile) => (steps ?? [""]).flatMap((step) => rules(profile, step))),
    );
    const where = profiles.length === EVERY.length ? "all" : profiles.join(", ");
    const after = steps === undefined ? "" : ` Steps: ${steps.join(", ")}.`;
    return `| ${id} | ${summary}${after} | ${where} | ${[...broken].join(", ") || "nothing"} |`;
  });
  return [...heading, ...rows].join("\n");
}
