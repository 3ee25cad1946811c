import { analyse } from "../../replay/analysis.js";
import { describeState } from "../../replay/state/describe-state.js";
import { hashState } from "../../replay/state/state-hash.js";
import { readableJson } from "../../replay/state/state-text.js";
import { counted } from "../../report/number-text.js";
import { profileOf } from "../../report/run-options.js";
import { stateTable } from "../../report/state-table.js";
import { defineCommand } from "../command.js";
import { EXIT } from "../exit-status.js";
import { reportFailure } from "../failure.js";
import { styleFor } from "../io.js";
import { formatOption, RESULT, seqOption, traceOptions, wholeNumber } from "../options.js";
import { Progress } from "../progress.js";
import { openFor } from "../traces.js";

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
    const source = await openFor(args.trace, args, io);
    const progress = new Progress(io, args.progress);
    await progress.start(source);
    const profile = profileOf(source, { profile: args.profile });
    const run = await analyse(source, {
      profile,
      stop_after_seq: args.at,
      limit_events: args["limit-events"],
      on_progress: () => progress.update(),
    }).finally(() => progress.stop());
    const document = describeState(run.machine);
    const hash = hashState(document);
    if (args.format === "json") {
      const { events, last_seq } = run;
      const head = { version: 1, path: source.path, profile: profile.id, events };
      const whole = { ...head, lastSeq: last_seq ?? null, stateHash: hash, state: document };
      for (const piece of readableJson(whole)) await io.out.write(piece);
      await io.out.write("\n");
    } else {
      const style = styleFor(io);
      const after = run.last_seq === undefined ? "before any event" : `after #${run.last_seq}`;
      const title = `state ${after} (${counted(run.events, "event")}, profile ${profile.id})`;
      await io.out.write(`${style.bold(title)}\n${style.dim(`state hash ${hash}`)}\n\n`);
      await io.out.write(stateTable(document, { style, rows_max: args.rows ?? ROWS_MAX }));
    }
    return run.limit === undefined ? EXIT.ok : await reportFailure(run.limit, io, args.trace);
  },
});
