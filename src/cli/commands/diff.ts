import { diffStates } from "../../replay/diff/diff-states.js";
import { type DiffSide, diffReport, diffText } from "../../report/diff-report.js";
import { defineCommand } from "../command.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { reportFailure } from "../failure.js";
import { styleFor, writeJson } from "../io.js";
import { failOnOption, formatOption, seqOption, traceOptions } from "../options.js";
import { type TraceState, traceState } from "../trace-state.js";
import { UsageError } from "../usage-error.js";

export const diff = defineCommand({
  positionals: "<a> <b>",
  description: `Compares what the machine is at the end of two traces (or after event --at of the first and
--at-b of the second). Things are matched by what they are and how they are linked
(sessions by name, their files by token, devices by address, iommufds by their devices
and holders), never by descriptor numbers, object ids or addresses.`,
  build: (yargs) =>
    failOnOption(
      seqOption(seqOption(formatOption(traceOptions(yargs)), "at"), "at-b"),
      "never: exit status 0 even if the states differ; every other level: 1",
    )
      .positional("a", {
        type: "string",
        demandOption: true,
        describe: "The trace to compare with",
      })
      .positional("b", { type: "string", demandOption: true, describe: "The other trace" })
      .example("$0 diff good.ndjson bad.ndjson", "What did the failed update leave behind?")
      .example("$0 diff t.ndjson t.ndjson --at 10 --at-b 90", "What changed from #10 to #90?"),
  run: async (args, io) => {
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
  },
});

function sideOf({ path, profile, run, stateHash }: TraceState): DiffSide {
  return { path, profile, events: run.events, lastSeq: run.last_seq ?? null, stateHash };
}
