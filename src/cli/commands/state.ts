import { atOption } from "../at-option.js";
import { checkpointOptions } from "../checkpoint-options.js";
import { defineCommand } from "../command.js";
import { formatOption, NUMBER, RESULT, traceOptions, wholeNumber } from "../options.js";

export const stateCommand = defineCommand({
  positionals: "<trace>",
  description: `Shows what the machine is after the last event of a trace, or at the point \
--at: processes with their descriptors, iommufds with objects and areas, \
memfds, sessions, devices. Names such as "memfd 1" are given in the order in \
which things are met from the processes on, so that equal states look equal; \
the state hash says the same in one word. What can cross a live update also \
shows the name it keeps, such as vm7/iommufd#1@boot2.`,
  build: (yargs) =>
    atOption(formatOption(checkpointOptions(traceOptions(yargs))), "at", "Which state")
      .positional("trace", {
        type: "string",
        demandOption: true,
        describe: "Trace, native or importable; - is stdin",
      })
      .option("rows", {
        ...NUMBER,
        group: RESULT,
        requiresArg: true,
        describe: "Rows shown of one list in a table (default 40)",
        coerce: (text: string | undefined) => wholeNumber("rows", text, 1),
      })
      .example("$0 state trace.ndjson --at 120", "What there was right after event #120")
      .example("$0 state trace.ndjson --at boot2", "What arrived in the second kernel")
      .example("$0 state --format json trace.ndjson", "Everything, as one JSON document"),
  run: async (args, io) => (await import("../actions/state.js")).state(args, io),
});
