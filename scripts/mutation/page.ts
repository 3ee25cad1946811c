/** The page of scores: docs/mutation.md. */

import { KNOWN_HARMLESS, KNOWN_SILENT, KNOWN_TWO, type Known } from "./blind-known.js";
import { type BlindScore, HAPPY } from "./blind-score.js";
import { byRule, type MutationScore, total } from "./score.js";
import { OUT_OF_REACH } from "./table/index.js";

const INTRODUCTION = `# Mutation scores

Every rule has to find the fault that it owns, and no other rule may be blamed for it. A mutation
takes a clean trace of the corpus and does one thing to it: it forgets a call, makes it twice, too
late or otherwise, lets a process die before it, puts another call in, lets the kernel answer
otherwise, or lets the recorder write something else. It is made at every place of the trace that it
applies to. The program of the trace then runs on: all answers are worked out anew by the model, a
later call uses the descriptors and ids that its program has now, and a call that lacks one is not
made.

\`npm run mutate\` makes all mutants, prints the scores and writes this page; the tests make a
sample. The faults are data, in \`scripts/mutation/table\`.

- **mutants**: how many were made, over all traces, profiles and places;
- **found**: the owner has a finding, at the event where the fault is;
- **blamed**: another rule has a finding that is neither explained by another finding nor listed
  below as a fault of its own.
`;

const BLIND = `## Blind mutants

The other way round: every event of the happy paths is left out, made twice, made after the next
one, and the process that makes it dies before it, without a look at what it is. Whether that did
harm is decided without any rule: transfers of devices that go elsewhere or nowhere, calls that are
refused now, and what sessions, domains, devices and memory are left with at the end.

- **harmless**: nothing is otherwise, and nothing is found;
- **told**: harm was done, and one rule is blamed;
- **known**: listed below with the reason;
- **open**: missed, a false alarm, or blamed on two.
`;

/** The page, from the scores of a full run. */
export function mutationPage(
  scores: readonly MutationScore[],
  blind: readonly BlindScore[],
): string {
  const parts = [
    INTRODUCTION,
    ruleTable(scores),
    outOfReach(),
    `## Faults\n\n${faultTable(scores)}`,
    `## Second findings\n\nWhere one change does two things.\n\n${second(scores)}`,
    BLIND,
    blindTable(blind),
    `The paths are ${HAPPY.length} scenarios of the corpus, under all their profiles.\n`,
    knownText("Nothing is found although something is otherwise", KNOWN_SILENT, blind),
    knownText("Something is found although nothing is otherwise", KNOWN_HARMLESS, blind),
    knownText("Two rules are right about one change", KNOWN_TWO, blind),
  ];
  return `${parts.map((part) => part.trimEnd()).join("\n\n")}\n`;
}

function ruleTable(scores: readonly MutationScore[]): string {
  const rules = byRule(scores);
  const rows = [...rules].map(
    ([rule, { made, found, blamed }]) =>
      `| [${rule}](rules/${rule}.md) | ${made} | ${found} | ${blamed} |`,
  );
  const { made, found, blamed } = total(scores);
  const sum = `| **all ${rules.size} rules** | **${made}** | **${found}** | **${blamed}** |`;
  return ["| rule | mutants | found | blamed |", "|---|---|---|---|", ...rows, sum].join("\n");
}

function outOfReach(): string {
  if (OUT_OF_REACH.length === 0) return "Every rule of the catalogue has a mutation.";
  const rows = OUT_OF_REACH.map(({ rule, reason }) => `- \`${rule}\`: ${reason}`);
  return ["No mutation of a clean trace reaches these rules:", "", ...rows].join("\n");
}

function faultTable(scores: readonly MutationScore[]): string {
  const rows = scores.map(({ mutation, made, found }) => {
    const { rule, fault, change } = mutation;
    return `| ${rule} | ${fault} | ${change.operator} | ${found} of ${made} |`;
  });
  return ["| owner | fault | change | found |", "|---|---|---|---|", ...rows].join("\n");
}

function second(scores: readonly MutationScore[]): string {
  const rows = scores.flatMap(({ mutation: { rule, also = {} } }) =>
    Object.entries(also).map(([other, reason]) => `| ${rule} | ${other} | ${reason} |`),
  );
  return ["| fault of | also found | why |", "|---|---|---|", ...new Set(rows)].join("\n");
}

function blindTable(blind: readonly BlindScore[]): string {
  const rows = blind.map(({ change, made, harmless, told, known, open }) => {
    const explained = [...known.values()].reduce((sum, count) => sum + count, 0);
    return `| ${change} | ${made} | ${harmless} | ${told} | ${explained} | ${open.length} |`;
  });
  return [
    "| change | mutants | harmless | told | known | open |",
    "|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function knownText(title: string, table: readonly Known[], blind: readonly BlindScore[]): string {
  const rows = table.map(({ reason }) => {
    const count = blind.reduce((sum, { known }) => sum + (known.get(reason) ?? 0), 0);
    return `| ${reason} | ${count} |`;
  });
  return [`### ${title}`, "", "| why | mutants |", "|---|---|", ...rows].join("\n");
}
