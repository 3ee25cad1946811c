/** What lies between two points of one trace: its events by operation. */

import { counted } from "./number-text.js";

export interface BetweenReport {
  readonly events: number;
  /** Events by operation, in the order in which they first come. */
  readonly byOp: Readonly<Record<string, number>>;
}

const SHOWN = 8;

/** `Between them: 5 events (3 IOMMU_IOAS_MAP, 2 close).` */
export function betweenText({ events, byOp }: BetweenReport): string {
  const most = Object.entries(byOp).sort(([, a], [, b]) => b - a);
  const shown = most.slice(0, SHOWN).map(([op, count]) => `${count} ${op}`);
  const more = most.length - shown.length;
  if (more > 0) shown.push(`${counted(more, "operation")} more`);
  const list = shown.length === 0 ? "" : ` (${shown.join(", ")})`;
  return `Between them: ${counted(events, "event")}${list}.`;
}
