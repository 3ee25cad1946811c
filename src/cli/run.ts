import { EXIT, type ExitStatus } from "./exit-status.js";
import type { CliIo } from "./io.js";
import { parseArguments } from "./parse.js";

/**
 * Runs the command line and gives the exit status. It never throws: every way to fail is one line
 * on stderr and a status.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitStatus> {
  try {
    const parsed = await parseArguments(argv, io.out.columns);
    if (parsed.kind === "run") return await parsed.command.run(parsed.args, io);
    const output = parsed.kind === "text" ? io.out : io.err;
    await output.write(parsed.text);
    return parsed.kind === "text" ? EXIT.ok : EXIT.unusable;
  } catch (error) {
    // Loaded only now: `lutrace --help` does without the engine.
    const { reportFailure } = await import("./failure.js");
    return await reportFailure(error, io);
  }
}
