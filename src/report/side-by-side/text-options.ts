/** What the parts of the text about several profiles share. */

import type { ProfileId } from "../../engine/profile/index.js";
import type { Style } from "../style.js";

export interface ProfilesTextOptions {
  readonly style: Style;
  /** Findings shown in each part; the rest is counted. */
  readonly findings_max: number;
  /** Kinds of differing calls shown. */
  readonly calls_max: number;
}

export const TEXT_COLUMNS = 100;

/** "both profiles", "all 3 profiles". */
export function everyOne(ids: readonly ProfileId[]): string {
  return ids.length === 2 ? "both profiles" : `all ${ids.length} profiles`;
}
