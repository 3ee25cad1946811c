/** The chapters of the catalogue, in the order of their letters. */

import { HAPPY } from "./a-happy.js";
import { FORGOTTEN } from "./b-forgotten.js";
import { ABORTED } from "./c-aborted.js";
import { CRASHES } from "./d-crash.js";
import { DISCIPLINE } from "./e-discipline.js";
import { TOPOLOGIES } from "./f-topologies.js";
import { UNIT_DMA } from "./g-unit-dma.js";
import { UNIT_DOMAINS } from "./g-unit-domains.js";
import { UNIT_SESSIONS } from "./g-unit-sessions.js";
import { DESIGNS } from "./h-designs.js";
import type { ScenarioPlan } from "./plan.js";

export const CHAPTERS: readonly (readonly [title: string, plans: readonly ScenarioPlan[]])[] = [
  ["A. Updates that go as they should", HAPPY],
  ["B. Something was left behind", FORGOTTEN],
  ["C. The jump does not come, or leads to nowhere", ABORTED],
  ["D. The VMM dies in its restore", CRASHES],
  ["E. What may be done with a restored HWPT, its memory and its session", DISCIPLINE],
  ["F. Guests' own page tables, shared groups, several sessions and managers", TOPOLOGIES],
  ["G. One rule each: devices and page tables", UNIT_DOMAINS],
  ["G. One rule each: DMA", UNIT_DMA],
  ["G. One rule each: sessions, memory, the trace itself", UNIT_SESSIONS],
  ["H. What the designs tell apart", DESIGNS],
];
