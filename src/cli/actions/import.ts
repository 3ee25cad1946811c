/** What `lutrace import` does. */

import { importTrace } from "../../replay/import-trace.js";
import { printable } from "../../replay/printable.js";
import { counted } from "../../report/number-text.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";
import type { TraceArgs } from "../options.js";
import { streamOf } from "../output-stream.js";
import { Progress } from "../progress.js";
import { openFor } from "../traces.js";
import { tellWritten } from "../written.js";

export interface ImportArgs extends TraceArgs {
  readonly recording: string;
  /** File to write; undefined or `-`: stdout. */
  readonly output: string | undefined;
  readonly gzip: boolean | undefined;
}

export async function importRecording(args: ImportArgs, io: CliIo): Promise<ExitStatus> {
  const { recording, output = "-", gzip, profile } = args;
  const source = await openFor(recording, args, io);
  const progress = new Progress(io, args.progress);
  await progress.start(source);
  const target = output === "-" ? { stream: streamOf(io.out) } : { path: output };
  const on_progress = (): void => progress.update();
  const options = { gzip, profile, on_progress };
  const written = await importTrace(source, target, options).finally(() => progress.stop());
  await tellWritten(written, output, io);
  for (const [kind, lines] of source.skipped) {
    await io.err.write(`left out: ${counted(lines, "line")} of kind ${printable(kind)}\n`);
  }
  return EXIT.ok;
}
