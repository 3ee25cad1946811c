import { atOption } from "../at-option.js";
import { checkpointOptions } from "../checkpoint-options.js";
import { defineCommand } from "../command.js";
import { failOnOption, formatOption, traceOptions } from "../options.js";

export const diffCommand = defineCommand({
  positionals: "<a> <b>",
  description: `Compares what the machine is at the end of two traces (or at --at of the first \
and --at-b of the second), and says at which event the traces part. Things are \
matched by what they are and how they are linked (sessions and memfds by name, \
devices by address, iommufds by their devices, session and holders), never by \
descriptor numbers, pids, object ids, tokens or user addresses. A trace and \
itself, at two points: what happened in between.`,
  build: (yargs) =>
    failOnOption(
      atOption(
        atOption(
          formatOption(checkpointOptions(traceOptions(yargs))),
          "at",
          "Which state of the first trace; default: its end",
        ),
        "at-b",
        "Which state of the second trace; default: its end",
      ),
      "never: exit status 0 even if the states differ; every other level: 1",
    )
      .positional("a", {
        type: "string",
        demandOption: true,
        describe: "The trace to compare with",
      })
      .positional("b", { type: "string", demandOption: true, describe: "The other trace" })
      .example("$0 diff good.ndjson bad.ndjson", "What did the failed update leave behind?")
      .example("$0 diff t t --at 10 --at-b 90", "What changed from #10 to #90?")
      .example("$0 diff t t --at before-boot2", "What came after the first kernel?"),
  run: async (args, io) => (await import("../actions/diff.js")).diff(args, io),
});
