import { readableJson } from "../../replay/state/state-text.js";
import { counted } from "../../report/number-text.js";
import { stateTable } from "../../report/state-table.js";
import { defineCommand } from "../command.js";
import { EXIT } from "../exit-status.js";
import { reportFailure } from "../failure.js";
import { styleFor } from "../io.js";
import { formatOption, RESULT, seqOption, traceOptions, wholeNumber } from "../options.js";
import { traceState } from "../trace-state.js";

const ROWS_MAX = 40;

export const state = defineCommand({
  positionals: "<trace>",
  description: `Shows what the machine is after the last event of a trace, or after event --at: processes
with their descriptors, iommufds with objects and areas, memfds, sessions, devices. Names
such as "memfd 1" are given in the order in which things are met from the processes on, so
that equal states look equal; the state hash says the same in one word.`,
  build: (yargs) =>
    seqOption(formatOption(traceOptions(yargs)), "at")
      .positional("trace", {
        type: "string",
        demandOption: true,
        describe: "Trace, native or importable; - is stdin",
      })
      .option("rows", {
        type: "string",
        group: RESULT,
        requiresArg: true,
        describe: `Rows shown of one list in a table (default ${ROWS_MAX})`,
        coerce: (text: string | undefined) => wholeNumber("rows", text, 1),
      })
      .example("$0 state trace.ndjson --at 120", "What there was right after event #120")
      .example("$0 state --format json trace.ndjson", "Everything, as one JSON document"),
  run: async (args, io) => {
    const { path, profile, run, state, stateHash } = await traceState(
      args.trace,
      args.at,
      args,
      io,
    );
    const { events } = run;
    const lastSeq = run.last_seq ?? null;
    const { document } = state;
    if (args.format === "json") {
      const whole = { version: 1, path, profile, events, lastSeq, stateHash, state: document };
      for (const piece of readableJson(whole)) await io.out.write(piece);
      await io.out.write("\n");
    } else {
      const style = styleFor(io);
      const after = lastSeq === null ? "before any event" : `after #${lastSeq}`;
      const title = `state ${after} (${counted(events, "event")}, profile ${profile})`;
      await io.out.write(`${style.bold(title)}\n${style.dim(`state hash ${stateHash}`)}\n\n`);
      await io.out.write(stateTable(document, { style, rows_max: args.rows ?? ROWS_MAX }));
    }
    return run.limit === undefined ? EXIT.ok : await reportFailure(run.limit, io, path);
  },
});
