/** What `lutrace check` does. */

import { CheckPrinter, type CheckShow } from "../check/check-printer.js";
import type { ExitStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";
import { expandInputs } from "../many/inputs.js";
import type { ManyArgs, ShardArgs } from "../many/many-options.js";
import { runMany } from "../many/run-many.js";
import type { CheckSettings } from "../many/task.js";
import type { FailOn, Format, TraceArgs } from "../options.js";

export interface CheckArgs extends TraceArgs, ManyArgs, ShardArgs {
  readonly trace: readonly string[];
  readonly format: Format;
  readonly "fail-on": FailOn;
  readonly timing: boolean;
}

export async function check(args: CheckArgs, io: CliIo): Promise<ExitStatus> {
  const settings: CheckSettings = {
    command: "check",
    profile: args.profile,
    lenient: args.lenient,
    limit_events: args["limit-events"],
  };
  const show: CheckShow = { format: args.format, fail_on: args["fail-on"] };
  const with_lines = args.format === "table";
  return await runMany(
    {
      items: await expandInputs(args.trace),
      settings,
      show: { ...show },
      work: async (input, analyst) => {
        const { path } = input;
        const task = { path, settings, with_lines, with_timing: args.timing };
        return { path, ...(await analyst.check(task, input)) };
      },
      printer: (to, traces) => new CheckPrinter(to, show, traces > 1),
    },
    args,
    io,
  );
}
