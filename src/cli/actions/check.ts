/** What `lutrace check` does. */

import { StageTimes } from "../../replay/stage-times.js";
import { checkReport, type SeverityCounts } from "../../report/check-report.js";
import { type CheckTextOptions, checkText, seqsToShow } from "../../report/check-text.js";
import { type CheckResult, checkTrace } from "../../report/check-trace.js";
import { fetchEventLines, RecentEvents } from "../../report/event-lines.js";
import { counted } from "../../report/number-text.js";
import { type CheckTiming, timingText } from "../../report/timing-text.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { FailOn, Format, TraceArgs } from "../options.js";
import { eachTrace, openFor, type TraceOptions } from "../traces.js";

const FINDINGS_PER_RULE_MAX = 20;
const WITNESS_MAX = 12;
/** Events of a pipe that are kept, to show what a finding refers to. */
const RECENT_EVENTS = 20_000;

export interface CheckArgs extends TraceArgs {
  readonly trace: readonly string[];
  readonly format: Format;
  readonly "fail-on": FailOn;
  readonly timing: boolean;
}

export async function check(args: CheckArgs, io: CliIo): Promise<ExitStatus> {
  const isTable = args.format === "table";
  let separator = "";
  const { results, failures, status } = await eachTrace(args.trace, args, io, {
    run: async (source, on_progress) => {
      // What has no size is no file: it cannot be read a second time.
      const isPipe = source.bytes_total === undefined;
      const recent = isTable && isPipe ? new RecentEvents(RECENT_EVENTS) : undefined;
      const timing = args.timing ? newTiming() : undefined;
      const result = await checkTrace(source, {
        profile: args.profile,
        on_progress,
        timing,
        listener: recent && (({ event }) => recent.add(event)),
      });
      return { ...result, recent, timing };
    },
    show: async (result) => {
      const { timing, trace } = result;
      if (timing !== undefined) await io.err.write(timingText(trace.path, timing));
      if (!isTable) return;
      await io.out.write(separator + (await textOf(result, result.recent, args, io)));
      separator = "\n";
    },
  });
  const report = checkReport(
    results.map(({ trace }) => trace),
    failures,
  );
  if (!isTable) await writeJson(io.out, report);
  else if (args.trace.length > 1) await io.out.write(closingLine(report.summary, results.length));
  return worstStatus([status, statusOf(report.summary, args["fail-on"])]);
}

function newTiming(): CheckTiming {
  const { bigint: now_ns } = process.hrtime;
  return { stages: new StageTimes(now_ns), rules: new StageTimes(now_ns) };
}

async function textOf(
  { trace }: CheckResult,
  recent: RecentEvents | undefined,
  args: TraceOptions,
  io: CliIo,
): Promise<string> {
  const options: CheckTextOptions = {
    style: styleFor(io),
    findings_per_rule_max: FINDINGS_PER_RULE_MAX,
    witness_max: WITNESS_MAX,
  };
  const seqs = seqsToShow(trace, options);
  const lines =
    recent?.lines(seqs) ?? (await fetchEventLines(() => openFor(trace.path, args, io), seqs));
  return checkText(trace, lines, options);
}

function closingLine(summary: SeverityCounts, traces: number): string {
  const { error, warning, info } = summary;
  const found = `${counted(error, "error")}, ${counted(warning, "warning")}, ${info} info`;
  return `\n${counted(traces, "trace")}: ${found}\n`;
}

function statusOf(summary: SeverityCounts, failOn: FailOn): ExitStatus {
  const { error, warning, info } = summary;
  const counted = { error, warning: error + warning, info: error + warning + info, never: 0 };
  return counted[failOn] > 0 ? EXIT.found : EXIT.ok;
}
