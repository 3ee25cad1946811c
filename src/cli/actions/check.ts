/** What `lutrace check` does. */

import type { CheckedFile } from "../check/check-file.js";
import { CheckPrinter, type CheckShow } from "../check/check-printer.js";
import type { ExitStatus } from "../exit-status.js";
import type { Failure } from "../failure.js";
import type { CliIo } from "../io.js";
import { expandInputs } from "../many/inputs.js";
import type { ManyArgs, ShardArgs } from "../many/many-options.js";
import { runMany } from "../many/run-many.js";
import type { Answer, CheckSettings } from "../many/task.js";
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
        const answer = await analyst.check(task, input);
        return { path, ...(args.shard === undefined ? answer : withoutStacks(answer)) };
      },
      printer: (to, traces) => new CheckPrinter(to, show, traces > 1),
    },
    args,
    io,
  );
}

/** A shard is merged elsewhere: where in lutrace something failed is of no use there. */
function withoutStacks({ result, failure }: Answer<CheckedFile>): Answer<CheckedFile> {
  if (failure !== undefined) return { failure: withoutStack(failure) };
  const { limit } = result;
  return { result: limit === undefined ? result : { ...result, limit: withoutStack(limit) } };
}

function withoutStack({ message, status }: Failure): Failure {
  return { message, status };
}
