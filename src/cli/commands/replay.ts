import { defineCommand } from "../command.js";
import {
  failOnOption,
  formatOption,
  NUMBER,
  RESULT,
  traceOptions,
  tracePositional,
  wholeNumber,
} from "../options.js";

const DIVERGENCES_MAX = 10_000;

export const replayCommand = defineCommand({
  positionals: "<trace..>",
  description: `Replays each trace through the emulated kernel. Every call is predicted from \
the state before it (return value, errno, every output byte) and compared with \
what the trace recorded; the replay then goes on from the record, so that one \
difference does not cause others. A difference means that the kernel behaves \
otherwise than the profile says.`,
  build: (yargs) =>
    failOnOption(
      formatOption(traceOptions(tracePositional(yargs))),
      "What makes the exit status 1: error and warning: a divergence; info: a divergence or an" +
        " unmodelled call; never: nothing",
    )
      .option("max-divergences", {
        ...NUMBER,
        group: RESULT,
        requiresArg: true,
        describe: `Divergences kept in the document (default ${DIVERGENCES_MAX}); all are counted`,
        coerce: (text: string | undefined) => wholeNumber("max-divergences", text, 0),
      })
      .example("$0 replay trace.ndjson", "Where does this kernel go another way?")
      .example("$0 replay --format json *.ndjson.gz", "Counts and divergences for a script"),
  run: async (args, io) => {
    const { replay } = await import("../actions/replay.js");
    return await replay(
      { ...args, "max-divergences": args["max-divergences"] ?? DIVERGENCES_MAX },
      io,
    );
  },
});
