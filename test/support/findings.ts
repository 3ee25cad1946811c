/** What the checker finds in a scenario. */

import { createChecker } from "../../src/checkers/checker.js";
import type { Finding } from "../../src/checkers/finding.js";
import { Machine } from "../../src/engine/machine.js";
import { PROFILES } from "../../src/engine/profile/index.js";
import type { Scenario } from "../../src/replay/scenario/scenario.js";

/** Replays a scenario as if it were a recording, with all rules of its profile. */
export function findingsIn({ options, events }: Scenario): readonly Finding[] {
  const { profile } = options;
  const machine = new Machine(PROFILES[profile]);
  const checker = createChecker({ profile, header: { profile } });
  for (const event of events) checker.step(machine.apply(event), machine);
  return checker.finish({}, machine);
}
