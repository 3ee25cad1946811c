/** One trace checked: plain data with everything that is printed about it. */

import { openTrace, type TraceSource } from "../../replay/source.js";
import { StageTimes } from "../../replay/stage-times.js";
import type { CheckedTrace } from "../../report/check-report.js";
import { seqsToShow } from "../../report/check-text.js";
import { checkTrace } from "../../report/check-trace.js";
import { fetchEventLines, RecentEvents } from "../../report/event-lines.js";
import { type CheckTiming, timingText } from "../../report/timing-text.js";
import { type Failure, failureOf } from "../failure.js";
import type { CheckTask, TaskHooks } from "../many/task.js";
import { SHOWN } from "./shown.js";

/** Events of a pipe that are kept, to show what a finding refers to. */
const RECENT_EVENTS = 20_000;

export interface CheckedFile {
  readonly trace: CheckedTrace;
  /** Decoded lines of the events that the text shows, by seq; absent when nobody wants them. */
  readonly lines?: readonly (readonly [seq: number, line: string])[];
  /** The limit that was hit; the trace counts up to there. */
  readonly limit?: Failure;
  /** The table of `--timing`. */
  readonly timing?: string;
}

/**
 * Checks one trace.
 *
 * @throws TraceError where the trace cannot be read on.
 */
export async function checkFile(task: CheckTask, hooks: TaskHooks): Promise<CheckedFile> {
  const { path, settings } = task;
  const open = (): Promise<TraceSource> =>
    openTrace(path, {
      lenient: settings.lenient,
      stdin: hooks.stdin,
      events_max: settings.limit_events,
    });
  const source = await open();
  await hooks.on_open?.(source);
  // What has no size is no file: it cannot be read a second time.
  const isPipe = source.bytes_total === undefined;
  const recent = task.with_lines && isPipe ? new RecentEvents(RECENT_EVENTS) : undefined;
  const timing = task.with_timing ? newTiming() : undefined;
  const { trace, limit } = await checkTrace(source, {
    profile: settings.profile,
    on_progress: () => hooks.on_progress?.(source.bytes_read()),
    timing,
    listener: recent && (({ event }) => recent.add(event)),
  });
  const seqs = seqsToShow(trace, SHOWN);
  const lines = task.with_lines
    ? (recent?.lines(seqs) ?? (await fetchEventLines(open, seqs)))
    : undefined;
  return {
    trace,
    ...(lines === undefined ? {} : { lines: [...lines] }),
    ...(limit === undefined ? {} : { limit: failureOf(limit, path) }),
    ...(timing === undefined ? {} : { timing: timingText(path, timing) }),
  };
}

function newTiming(): CheckTiming {
  const { bigint: now_ns } = process.hrtime;
  return { stages: new StageTimes(now_ns), rules: new StageTimes(now_ns) };
}
