/** What `lutrace diff` does. */

import type { AtPoint } from "../../replay/at-point.js";
import { diffStates } from "../../replay/diff/diff-states.js";
import type { LimitError } from "../../replay/limit-error.js";
import { type DiffReport, diffReport, diffText } from "../../report/diff-report.js";
import type { CheckpointArgs } from "../checkpoint-options.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { reportFailure } from "../failure.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { FailOn, Format, TraceArgs } from "../options.js";

export interface DiffArgs extends TraceArgs, CheckpointArgs {
  readonly a: string;
  readonly b: string;
  /** Where the first trace stops; undefined: its end. */
  readonly at: AtPoint | undefined;
  readonly "at-b": AtPoint | undefined;
  readonly format: Format;
  readonly "fail-on": FailOn;
}

/** What there is to compare, and what to report besides. */
export interface Compared {
  readonly report: Omit<DiffReport, "version" | "same" | "differences">;
  readonly states: Parameters<typeof diffStates>;
  /** Limits that were hit, by the path of the trace. */
  readonly limits: readonly (readonly [path: string, limit: LimitError])[];
}

export async function diff(args: DiffArgs, io: CliIo): Promise<ExitStatus> {
  const { report: sides, states, limits } = await compare(args, io);
  const report = diffReport(sides, diffStates(...states));
  if (args.format === "json") await writeJson(io.out, report);
  else await io.out.write(diffText(report, styleFor(io)));
  const statuses: ExitStatus[] = [];
  for (const [path, limit] of limits) statuses.push(await reportFailure(limit, io, path));
  if (!report.same && args["fail-on"] !== "never") statuses.push(EXIT.found);
  return worstStatus(statuses);
}

async function compare(args: DiffArgs, io: CliIo): Promise<Compared> {
  if (args.a === args.b) {
    return (await import("../diff-points.js")).comparePoints(args, io);
  }
  return (await import("../diff-traces.js")).compareTraces(args, io);
}
