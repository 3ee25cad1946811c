/** The catalogue as a page for people: docs/scenarios.md. */

import type { ProfileId } from "../../../engine/profile/index.js";
import { rulesBroken } from "../synth/fault-kind.js";
import { FAULTS } from "../synth/faults.js";
import { CHAPTERS } from "./chapters.js";
import { EVERY, type ScenarioPlan, scenarioName, tellScenario } from "./plan.js";

const INTRODUCTION = `# Scenarios

Synthetic traces of live updates, each with the findings it must give. \`lutrace synth S13\` prints
one of them, \`lutrace synth --list\` names them all; they lie in
[traces/scenarios](../traces/scenarios) with their expected findings beside them. In a scenario the
emulated kernel answers the calls, except where the story needs a kernel that does otherwise
("the kernel lets it pass") or a machine that can do more (nested translation, PASIDs).

Variants of one scenario share its number; numbers that are missing were never given. Those with an
X came with the agreed model of the design.

A finding is written as rule (severity). "clean" means no error and no warning;
infos are listed too. Profiles are the kernels and series of \`lutrace profiles\`.
This page is made from the table of scenarios, and a test keeps it in step.
`;

/** The text of docs/scenarios.md. */
export function cataloguePage(): string {
  const chapters = CHAPTERS.map(([title, plans]) =>
    [`## ${title}`, ...plans.map(sectionOf)].join("\n\n"),
  );
  return `${[INTRODUCTION.trimEnd(), ...chapters, faults()].join("\n\n")}\n`;
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
  const rows = FAULTS.map((kind) => {
    const { id, summary, profiles, steps } = kind;
    const broken = new Set(
      profiles.flatMap((profile) =>
        (steps ?? [undefined]).flatMap((step) => rulesBroken(kind, profile, step)),
      ),
    );
    const where = profiles.length === EVERY.length ? "all" : profiles.join(", ");
    const after = steps === undefined ? "" : ` Steps: ${steps.join(", ")}.`;
    return `| ${id} | ${summary}${after} | ${where} | ${[...broken].join(", ") || "nothing"} |`;
  });
  return [...heading, ...rows].join("\n");
}
