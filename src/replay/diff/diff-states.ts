/** Compares two states and says how they differ, in the order in which a user would look. */

import type { DescribedState } from "../state/describe-state.js";
import { diffContexts } from "./diff-contexts.js";
import { diffSessions } from "./diff-sessions.js";
import {
  diffDevices,
  diffKernel,
  diffMemfds,
  diffProcesses,
  diffRestoredDomains,
} from "./diff-things.js";
import type { Difference } from "./difference.js";
import { type MatchOptions, matchStates } from "./match-states.js";
import { StateView } from "./state-view.js";

/** Differences between two states; empty when nothing a user could see differs. */
export function diffStates(
  a: DescribedState,
  b: DescribedState,
  options: MatchOptions = {},
): Difference[] {
  const views = { a: new StateView(a), b: new StateView(b) };
  const comparison = { ...views, pairs: matchStates(views.a, views.b, options) };
  return [
    ...diffKernel(comparison),
    ...diffSessions(comparison),
    ...diffMemfds(comparison),
    ...diffContexts(comparison),
    ...diffDevices(comparison),
    ...diffRestoredDomains(comparison),
    ...diffProcesses(comparison),
  ];
}
