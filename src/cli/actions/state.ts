/** What `lutrace state` does. */

import type { AtPoint } from "../../replay/at-point.js";
import { lineageNames } from "../../replay/state/lineage-names.js";
import { readableJson } from "../../replay/state/state-text.js";
import { counted } from "../../report/number-text.js";
import { stateTable } from "../../report/state-table.js";
import type { CheckpointArgs } from "../checkpoint-options.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { reportFailure } from "../failure.js";
import { type CliIo, styleFor } from "../io.js";
import { printableJson } from "../json-text.js";
import type { Format, TraceArgs } from "../options.js";
import { traceState } from "../trace-state.js";

const ROWS_MAX = 40;

export interface StateArgs extends TraceArgs, CheckpointArgs {
  readonly trace: string;
  readonly at: AtPoint | undefined;
  /** Rows shown of one list in a table. */
  readonly rows: number | undefined;
  readonly format: Format;
}

export async function state(args: StateArgs, io: CliIo): Promise<ExitStatus> {
  const { path, profile, run, state, stateHash } = await traceState(args.trace, args.at, args, io);
  const { events } = run;
  const lastSeq = run.last_seq ?? null;
  const { document } = state;
  const lineages = lineageNames(state);
  if (args.format === "json") {
    const head = { version: 1, path, profile, events, lastSeq, stateHash };
    const whole = { ...head, lineages: Object.fromEntries(lineages), state: document };
    for (const piece of readableJson(whole)) await io.out.write(printableJson(piece));
    await io.out.write("\n");
  } else {
    const style = styleFor(io);
    const after = lastSeq === null ? "before any event" : `after #${lastSeq}`;
    const title = `state ${after} (${counted(events, "event")}, profile ${profile})`;
    await io.out.write(`${style.bold(title)}\n${style.dim(`state hash ${stateHash}`)}\n\n`);
    await io.out.write(stateTable(document, { style, rows_max: args.rows ?? ROWS_MAX, lineages }));
  }
  return run.limit === undefined ? EXIT.ok : await reportFailure(run.limit, io, path);
}
