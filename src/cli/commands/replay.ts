import { type ReplayedTrace, replayReport } from "../../report/replay-report.js";
import { replayText } from "../../report/replay-text.js";
import { replayTrace } from "../../report/replay-trace.js";
import { defineCommand } from "../command.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { styleFor, writeJson } from "../io.js";
import {
  type FailOn,
  failOnOption,
  formatOption,
  RESULT,
  traceOptions,
  tracePositional,
  wholeNumber,
} from "../options.js";
import { eachTrace } from "../traces.js";

const DIVERGENCES_MAX = 10_000;
const KINDS_MAX = 25;

export const replay = defineCommand({
  positionals: "<trace..>",
  description: `Replays each trace through the emulated kernel. Every call is predicted from the state
before it (return value, errno, every output byte) and compared with what the trace
recorded; the replay then goes on from the record, so that one difference does not cause
others. A difference means that the kernel behaves otherwise than the profile says.`,
  build: (yargs) =>
    failOnOption(
      formatOption(traceOptions(tracePositional(yargs))),
      "What makes the exit status 1: error and warning: a divergence; info: a divergence or an" +
        " unmodelled call; never: nothing",
    )
      .option("max-divergences", {
        type: "string",
        group: RESULT,
        requiresArg: true,
        describe: `Divergences kept in the JSON document (default ${DIVERGENCES_MAX}); all are counted`,
        coerce: (text: string | undefined) => wholeNumber("max-divergences", text, 0),
      })
      .example("$0 replay trace.ndjson", "Where does this kernel go another way?")
      .example("$0 replay --format json *.ndjson.gz", "Counts and divergences for a script"),
  run: async (args, io) => {
    const style = styleFor(io);
    const isTable = args.format === "table";
    let first = true;
    const { results, failures, status } = await eachTrace(args.trace, args, io, {
      run: (source, on_progress) =>
        replayTrace(source, {
          profile: args.profile,
          divergences_max: args["max-divergences"] ?? DIVERGENCES_MAX,
          on_progress,
        }),
      show: async (result) => {
        if (!isTable) return;
        await io.out.write(
          (first ? "" : "\n") + replayText(result, { style, kinds_max: KINDS_MAX }),
        );
        first = false;
      },
    });
    const traces = results.map(({ trace }) => trace);
    if (!isTable) await writeJson(io.out, replayReport(traces, failures));
    return worstStatus([status, statusOf(traces, args["fail-on"])]);
  },
});

function statusOf(traces: readonly ReplayedTrace[], failOn: FailOn): ExitStatus {
  if (failOn === "never") return EXIT.ok;
  const found = traces.some(
    ({ calls }) => calls.diverged > 0 || (failOn === "info" && calls.unmodelled > 0),
  );
  return found ? EXIT.found : EXIT.ok;
}
