/** The catalogue: all scenarios, chapter by chapter. */

import { CHAPTERS } from "./chapters.js";
import type { ScenarioPlan } from "./plan.js";

export * from "./plan.js";

export const SCENARIOS: readonly ScenarioPlan[] = CHAPTERS.flatMap(([, plans]) => plans);
