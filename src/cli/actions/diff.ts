/** What `lutrace diff` does. */

import { diffStates } from "../../replay/diff/diff-states.js";
import { type DiffSide, diffReport, diffText } from "../../report/diff-report.js";
import type { CheckpointArgs } from "../checkpoint-options.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { reportFailure } from "../failure.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { FailOn, Format, TraceArgs } from "../options.js";
import { type TraceState, traceState } from "../trace-state.js";
import { UsageError } from "../usage-error.js";

export interface DiffArgs extends TraceArgs, CheckpointArgs {
  readonly a: string;
  readonly b: string;
  /** Seq after which the first trace stops; undefined: its end. */
  readonly at: number | undefined;
  readonly "at-b": number | undefined;
  readonly format: Format;
  readonly "fail-on": FailOn;
}

export async function diff(args: DiffArgs, io: CliIo): Promise<ExitStatus> {
  if (args.a === "-" && args.b === "-") throw new UsageError("only one trace can be stdin");
  const a = await traceState(args.a, args.at, args, io);
  const b = await traceState(args.b, args["at-b"], args, io);
  const report = diffReport(sideOf(a), sideOf(b), diffStates(a.state, b.state));
  if (args.format === "json") await writeJson(io.out, report);
  else await io.out.write(diffText(report, styleFor(io)));
  const statuses: ExitStatus[] = [];
  for (const { run, path } of [a, b]) {
    if (run.limit !== undefined) statuses.push(await reportFailure(run.limit, io, path));
  }
  if (!report.same && args["fail-on"] !== "never") statuses.push(EXIT.found);
  return worstStatus(statuses);
}

function sideOf({ path, profile, run, stateHash }: TraceState): DiffSide {
  return { path, profile, events: run.events, lastSeq: run.last_seq ?? null, stateHash };
}
