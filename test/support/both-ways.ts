/** One trace, read in the two ways that must come to the same. */

import { openTrace } from "../../src/replay/source.js";
import { checkTrace } from "../../src/report/check-trace.js";
import { replayTrace } from "../../src/report/replay-trace.js";

/** What an analysis says about a trace, without the trace's path. */
export async function answers(path: string): Promise<unknown> {
  const checked = await checkTrace(await openTrace(path));
  const { trace } = await replayTrace(await openTrace(path));
  return { checked: { ...checked.trace, path: "" }, replayed: { ...trace, path: "" } };
}

/**
 * The same lines with a blank, which keeps every one of them from the fast decoder, and every call
 * from the way of routine calls: see decode-fast.ts and engine/routine.
 */
export function ordinaryLines(text: string): string {
  return text.replace(/^\{"seq":/gm, '{ "seq":');
}
