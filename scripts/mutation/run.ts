/** Runs the mutations and scores them. */

import { createChecker } from "../../src/checkers/checker.js";
import type { Finding } from "../../src/checkers/finding.js";
import { ruleById } from "../../src/checkers/rules/index.js";
import { Machine } from "../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import { end, ONE_NIC } from "../../src/replay/scenario/blocks.js";
import {
  SCENARIOS,
  type ScenarioPlan,
  scenarioName,
} from "../../src/replay/scenario/catalogue/index.js";
import { Mutant } from "./mutant.js";
import { MUTATIONS, type Mutation } from "./mutations.js";

/** What came of one mutation of one scenario. */
export interface MutantResult {
  readonly mutation: string;
  readonly scenario: string;
  readonly profile: ProfileId;
  /** Rules one of which had to find it. */
  readonly owners: readonly string[];
  /** Rules above info that are no symptom of another finding. */
  readonly blamed: readonly string[];
  readonly verdict: /** An owner is blamed, and nobody else. */
    | "exact"
    /** An owner is blamed, and others too. */
    | "others_too"
    /** No owner is blamed. */
    | "missed"
    /** The call makes no difference, and nothing is found. */
    | "equivalent";
}

export function runMutations(): MutantResult[] {
  return MUTATIONS.flatMap((mutation) =>
    SCENARIOS.filter((plan) => mutation.scenarios.includes(scenarioName(plan))).flatMap((plan) =>
      plan.profiles.map((profile) => runMutation(mutation, plan, profile)),
    ),
  );
}

function runMutation(mutation: Mutation, plan: ScenarioPlan, profile: ProfileId): MutantResult {
  const machine = profile === "luo73" ? undefined : (plan.machine ?? ONE_NIC);
  const title = `${scenarioName(plan)}, ${mutation.id}`;
  const facts = machine === undefined ? {} : { machine };
  const mutant = new Mutant({ profile, title, ...facts }, mutation);
  plan.tell(mutant);
  end(mutant);
  const owners = mutation.owners(profile).filter((rule) => ruleById(rule) !== undefined);
  const blamed = blamedIn(findingsIn(mutant));
  const scenario = scenarioName(plan);
  const verdict = verdictOf(owners, blamed);
  return { mutation: mutation.id, scenario, profile, owners, blamed, verdict };
}

function verdictOf(owners: readonly string[], blamed: readonly string[]): MutantResult["verdict"] {
  if (owners.length === 0) return blamed.length === 0 ? "equivalent" : "missed";
  if (!blamed.some((rule) => owners.includes(rule))) return "missed";
  return blamed.every((rule) => owners.includes(rule)) ? "exact" : "others_too";
}

/** Findings that stand for a fault of their own. */
function blamedIn(findings: readonly Finding[]): string[] {
  const causes = findings.filter(
    ({ severity, caused_by }) => severity !== "info" && caused_by === undefined,
  );
  return [...new Set(causes.map(({ rule }) => rule))].sort();
}

function findingsIn({ options, events }: Mutant): readonly Finding[] {
  const { profile } = options;
  const machine = new Machine(PROFILES[profile]);
  const checker = createChecker({ profile, header: { profile } });
  for (const event of events) checker.step(machine.apply(event), machine);
  return checker.finish({}, machine);
}
