import type { Argv } from "yargs";
import type { ExitStatus } from "./exit-status.js";
import type { CliIo } from "./io.js";

/** One command: how it is spelled, what it takes, what it does. */
export interface Command<Args = unknown> {
  /** Positional arguments as yargs spells them, such as `<trace..>`. */
  readonly positionals: string;
  /** Says more than the summary: shown at the top of the command's help. */
  readonly description: string;
  build(yargs: Argv): Argv<Args>;
  /** Does the work; the result goes to `io.out`, the rest to `io.err`. */
  run(args: Args, io: CliIo): Promise<ExitStatus>;
}

/** Ties the arguments of `run` to what `build` declares. */
export function defineCommand<Args>(command: Command<Args>): Command {
  return command as Command;
}

/** One line of `lutrace --help`; the command itself is loaded only when it is needed. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Commands below this one, such as `corpus run`. */
  readonly children?: readonly CommandEntry[];
  readonly load?: () => Promise<Command>;
}
