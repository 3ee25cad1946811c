import { eventLine, headerLine } from "../encode.js";
import { FORMAT_VERSION } from "../header.js";
import type { Scenario } from "./scenario.js";

/** A scenario as a native trace. The same story always gives the same bytes. */
export function scenarioText({ options, events }: Scenario): string {
  const header = headerLine({
    lutrace: FORMAT_VERSION,
    profile: options.profile,
    source: { how: "generator", name: options.title },
  });
  return `${[header, ...events.map(eventLine)].join("\n")}\n`;
}
