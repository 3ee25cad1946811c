import { checkpointOptions } from "../checkpoint-options.js";
import { defineCommand } from "../command.js";
import { failOnOption, formatOption, seqOption, traceOptions } from "../options.js";

export const diffCommand = defineCommand({
  positionals: "<a> <b>",
  description: `Compares what the machine is at the end of two traces (or after event --at of \
the first and --at-b of the second). Things are matched by what they are and \
how they are linked (sessions by name, their files by token, devices by \
address, iommufds by their devices and holders), never by descriptor numbers, \
object ids or addresses.`,
  build: (yargs) =>
    failOnOption(
      seqOption(seqOption(formatOption(checkpointOptions(traceOptions(yargs))), "at"), "at-b"),
      "never: exit status 0 even if the states differ; every other level: 1",
    )
      .positional("a", {
        type: "string",
        demandOption: true,
        describe: "The trace to compare with",
      })
      .positional("b", { type: "string", demandOption: true, describe: "The other trace" })
      .example("$0 diff good.ndjson bad.ndjson", "What did the failed update leave behind?")
      .example("$0 diff t t --at 10 --at-b 90", "What changed from #10 to #90?"),
  run: async (args, io) => (await import("../actions/diff.js")).diff(args, io),
});
