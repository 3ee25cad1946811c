/** The catalogue: all scenarios, in the order of their numbers. */

import { HAPPY } from "./a-happy.js";
import { FORGOTTEN } from "./b-forgotten.js";
import { ABORTED } from "./c-aborted.js";
import { CRASHES } from "./d-crash.js";
import { DISCIPLINE } from "./e-discipline.js";
import { TOPOLOGIES } from "./f-topologies.js";
import { UNIT_DOMAINS } from "./g-unit-domains.js";
import { UNIT_SESSIONS } from "./g-unit-sessions.js";
import type { ScenarioPlan } from "./plan.js";

export * from "./plan.js";
export { UNTOLD } from "./untold.js";

export const SCENARIOS: readonly ScenarioPlan[] = [
  ...HAPPY,
  ...FORGOTTEN,
  ...ABORTED,
  ...CRASHES,
  ...DISCIPLINE,
  ...TOPOLOGIES,
  ...UNIT_DOMAINS,
  ...UNIT_SESSIONS,
];
