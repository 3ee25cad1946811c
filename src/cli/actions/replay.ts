/** What `lutrace replay` does. */

import { type ReplayedTrace, replayReport } from "../../report/replay-report.js";
import { replayText } from "../../report/replay-text.js";
import { replayTrace } from "../../report/replay-trace.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { FailOn, Format, TraceArgs } from "../options.js";
import { eachTrace } from "../traces.js";

const KINDS_MAX = 25;

export interface ReplayArgs extends TraceArgs {
  readonly trace: readonly string[];
  readonly format: Format;
  readonly "fail-on": FailOn;
  /** Divergences kept in the document. */
  readonly "max-divergences": number;
}

export async function replay(args: ReplayArgs, io: CliIo): Promise<ExitStatus> {
  const style = styleFor(io);
  const isTable = args.format === "table";
  let first = true;
  const { results, failures, status } = await eachTrace(args.trace, args, io, {
    run: (source, on_progress) =>
      replayTrace(source, {
        profile: args.profile,
        divergences_max: args["max-divergences"],
        on_progress,
      }),
    show: async (result) => {
      if (!isTable) return;
      await io.out.write((first ? "" : "\n") + replayText(result, { style, kinds_max: KINDS_MAX }));
      first = false;
    },
  });
  const traces = results.map(({ trace }) => trace);
  if (!isTable) await writeJson(io.out, replayReport(traces, failures));
  return worstStatus([status, statusOf(traces, args["fail-on"])]);
}

function statusOf(traces: readonly ReplayedTrace[], failOn: FailOn): ExitStatus {
  if (failOn === "never") return EXIT.ok;
  const found = traces.some(
    ({ calls }) => calls.diverged > 0 || (failOn === "info" && calls.unmodelled > 0),
  );
  return found ? EXIT.found : EXIT.ok;
}
