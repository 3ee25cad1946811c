import { eventLine, headerLine } from "../encode.js";
import type { TraceHeader } from "../header.js";
import { FORMAT_VERSION } from "../header.js";
import type { Scenario } from "./scenario.js";

/** A scenario as a native trace. The same story always gives the same bytes. */
export function scenarioText(scenario: Scenario): string {
  const header = headerLine(scenarioHeader(scenario));
  return `${[header, ...scenario.events.map(eventLine)].join("\n")}\n`;
}

/** The header of a scenario's trace: what made it, so that it can be made again. */
export function scenarioHeader({ options }: Pick<Scenario, "options">): TraceHeader {
  const { profile, title: name, seed, snapshot } = options;
  const source = { how: "generator", name, ...(seed === undefined ? {} : { seed }) } as const;
  const header = { lutrace: FORMAT_VERSION, profile, source } as const;
  return snapshot === undefined ? header : { ...header, snapshot };
}
