import type { MachineFacts } from "../../../engine/event/index.js";
import type { ProfileId } from "../../../engine/profile/index.js";
import { end, ONE_NIC } from "../blocks.js";
import { Scenario } from "../scenario.js";

/** A story that can be told under several designs of the kernel. */
export interface StoryPlan {
  /** File name without folder and extension; the profile is added to it. */
  readonly id: string;
  readonly title: string;
  readonly profiles: readonly ProfileId[];
  /** Default: one network card. */
  readonly machine?: MachineFacts;
  /** The recording stops in the middle of things. */
  readonly cut?: true;
  readonly tell: (scenario: Scenario) => void;
}

/** Tells a story; the trace ends with a clean end unless the plan says that it is cut. */
export function tellStory(plan: StoryPlan, profile: ProfileId): Scenario {
  const title = `scenario ${plan.id}: ${plan.title}`;
  const scenario = new Scenario({ profile, title, machine: plan.machine ?? ONE_NIC });
  plan.tell(scenario);
  if (plan.cut !== true) end(scenario);
  return scenario;
}
