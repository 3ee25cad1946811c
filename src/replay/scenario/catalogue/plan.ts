/**
 * A catalogue of live-update scenarios. Each tells a story and says, while it tells it, what a
 * checker has to find: the rule, its severity and the event at which it is broken.
 */

import type { MachineFacts } from "../../../engine/event/index.js";
import type { Step } from "../../../engine/machine.js";
import type { ProfileId } from "../../../engine/profile/index.js";
import { end, ONE_NIC } from "../blocks.js";
import { type PlannedEvent, Scenario } from "../scenario.js";

export type ExpectedSeverity = "error" | "warning" | "info";

/** A finding that the scenario must give. */
export interface ExpectedFinding {
  readonly rule: string;
  readonly severity: ExpectedSeverity;
  readonly seq: number;
  /** What it is about, as findings name it. */
  readonly objects: readonly string[];
}

/** A finding is always about something. */
type Objects = readonly [string, ...string[]];

/** Profiles by what they can do with domains. */
export const LUO_ONLY = ["luo73"] as const;
export const RESTORING = ["seed", "rfc2", "p2"] as const;
export const WITH_DEVICES = ["seed", "rfc2", "p1v1", "p1v5", "p2"] as const;
export const EVERY = ["luo73", ...WITH_DEVICES] as const;

/** A scenario with the findings it must give. */
export class Tale extends Scenario {
  readonly expected: ExpectedFinding[] = [];
  readonly #at_end: Omit<ExpectedFinding, "seq">[] = [];

  /** The profile the scenario is told under. */
  get profile(): ProfileId {
    return this.options.profile;
  }

  /** The last event breaks this rule. */
  finds(rule: string, severity: ExpectedSeverity, ...objects: Objects): void {
    this.findsAt(this.last_seq, rule, severity, ...objects);
  }

  /** An event broke this rule. */
  findsAt(seq: number, rule: string, severity: ExpectedSeverity, ...objects: Objects): void {
    this.expected.push({ seq, rule, severity, objects });
  }

  /** Only the end of the trace shows that this rule was broken. */
  findsAtEnd(rule: string, severity: ExpectedSeverity, ...objects: Objects): void {
    this.#at_end.push({ rule, severity, objects });
  }

  /** Adds an event and takes it for what the machine does otherwise than the model. */
  contradict(event: PlannedEvent): Step {
    const step = this.add(event);
    if (!this.contradicted.includes(this.last_seq)) this.contradicted.push(this.last_seq);
    return step;
  }

  /** Ends the story: what the end shows is at its last event. */
  settle(): void {
    for (const finding of this.#at_end.splice(0)) {
      this.expected.push({ ...finding, seq: this.last_seq });
    }
  }
}

/** One scenario, which may be told under several designs of the kernel. */
export interface ScenarioPlan {
  /** Number in the catalogue, such as `S01`; variants of one scenario share it. */
  readonly id: string;
  /** Tells variants apart; with the id it names the trace. */
  readonly slug: string;
  /** What happens, in one sentence, for people. */
  readonly title: string;
  /** What the scenario is there to show. */
  readonly shows: string;
  readonly profiles: readonly ProfileId[];
  /** Default: one network card. */
  readonly machine?: MachineFacts | undefined;
  /** The recording starts in the middle of things. */
  readonly snapshot?: true;
  /** The recording stops in the middle of things. */
  readonly cut?: true;
  readonly tell: (tale: Tale) => void;
}

/** Name of the generator in the headers of its traces. */
export const GENERATOR = "lutrace synth";

/** Name of a scenario: its number, and what tells it from its variants. */
export function scenarioName({ id, slug }: ScenarioPlan): string {
  return `${id}-${slug}`;
}

/** File name of a scenario's trace, without its extension. */
export function traceName(plan: ScenarioPlan, profile: ProfileId): string {
  return `${scenarioName(plan)}.${profile}`;
}

/** Tells a scenario; the trace ends with a clean end unless the plan says that it is cut. */
export function tellScenario(plan: ScenarioPlan, profile: ProfileId): Tale {
  const title = `${GENERATOR} ${scenarioName(plan)} --profile ${profile}`;
  const machine = profile === "luo73" ? undefined : (plan.machine ?? ONE_NIC);
  const { snapshot } = plan;
  const tale = new Tale({ profile, title, machine, snapshot });
  plan.tell(tale);
  if (plan.cut !== true) end(tale);
  tale.settle();
  return tale;
}
