/** From words to a command with its arguments, or to help, or to a usage error. */

import yargs, { type Argv } from "yargs";
import type { Command, CommandEntry } from "./command.js";
import { COMMANDS } from "./commands/table.js";
import { suggestion } from "./suggest.js";
import { UsageError } from "./usage-error.js";
import { type CommandLine, complaintProblem, helpHint, optionProblem } from "./usage-message.js";
import { packageVersion } from "./version.js";

const WIDTH_COLUMNS = { usual: 80, most: 100 } as const;

export type Parsed =
  | { readonly kind: "run"; readonly command: Command; readonly args: unknown }
  /** Text that was asked for: help or the version. */
  | { readonly kind: "text"; readonly text: string }
  /** No command was named; `text` is the help. */
  | { readonly kind: "no_command"; readonly text: string };

/** The entries that `argv` names, from the top: `corpus`, `run`. */
function pathOf(argv: readonly string[]): CommandEntry[] {
  const path: CommandEntry[] = [];
  let level: readonly CommandEntry[] | undefined = COMMANDS;
  for (const word of argv) {
    if (level === undefined || word === "--") break;
    if (word.startsWith("-")) continue;
    const entry: CommandEntry | undefined = level.find((candidate) => candidate.name === word);
    if (entry === undefined) {
      const known = level.map((candidate) => candidate.name);
      const above = path.map(({ name }) => `${name} `).join("");
      const hint = suggestion(word, known);
      throw new UsageError(`unknown command ${above}${word}${hint}${helpHint(path)}`);
    }
    path.push(entry);
    level = entry.children;
  }
  return path;
}

/**
 * Parses the arguments. Only the command that is named is loaded.
 *
 * @param columns Width of the terminal.
 * @throws UsageError
 */
export async function parseArguments(
  given: readonly string[],
  columns: number | undefined,
): Promise<Parsed> {
  // `lutrace help check` is `lutrace check --help`.
  const argv = given[0] === "help" ? [...given.slice(1), "--help"] : [...given];
  if (argv.includes("")) {
    throw new UsageError(`an argument is empty (an unset shell variable?)${helpHint([])}`);
  }
  const path = pathOf(argv);
  const leaf = path.at(-1);
  const command = await leaf?.load?.();
  const parser = yargs([])
    .scriptName("lutrace")
    .usage(usageOf(path, command))
    .detectLocale(false)
    .exitProcess(false)
    .fail(false)
    .strict()
    .parserConfiguration({ "camel-case-expansion": false })
    .wrap(Math.min(columns ?? WIDTH_COLUMNS.usual, WIDTH_COLUMNS.most))
    .help("help", "Show help")
    .alias("help", "h")
    .version(packageVersion());
  if (path.length === 0) parser.epilogue(TOP_EPILOGUE);
  const line: CommandLine = { argv, parser, path, command };
  let chosen: unknown;
  const choose = (args: object): void => {
    const problem = optionProblem(line);
    if (problem !== undefined) throw new UsageError(problem);
    chosen = withStdin(args);
  };
  addCommands(parser, COMMANDS, { path, command, usage: usageOf(path, command), choose });
  let text = "";
  try {
    const words = plainWords(argv).map((word) => (word === "-" ? STDIN_WORD : word));
    await parser.parse(words, {}, (_error, _args, output) => {
      text = output;
    });
  } catch (error) {
    throw new UsageError(explain(error, line));
  }
  // A list of traces has no default; yargs shows the empty list it starts with.
  if (text !== "") return { kind: "text", text: `${text.replace(" [default: []]", "")}\n` };
  if (command !== undefined && chosen !== undefined) return { kind: "run", command, args: chosen };
  return { kind: "no_command", text: `${await parser.getHelp()}\n` };
}

function usageOf(path: readonly CommandEntry[], command: Command | undefined): string {
  if (command === undefined) {
    return path.length === 0 ? TOP_USAGE : `$0 ${path.map(({ name }) => name).join(" ")} <command>`;
  }
  const names = path.map(({ name }) => name).join(" ");
  const spelled = `${names} ${command.positionals}`.trim();
  return `$0 ${spelled}\n\n${command.description}`;
}

interface Named {
  readonly path: readonly CommandEntry[];
  readonly command: Command | undefined;
  readonly usage: string;
  choose(args: object): void;
}

/** Registers a level of commands; only the one that is named gets its options. */
function addCommands(parser: Argv, entries: readonly CommandEntry[], named: Named): void {
  const { path, command, usage } = named;
  for (const entry of entries) {
    const isNamed = entry === path[0];
    const leaf = isNamed && path.length === 1 ? command : undefined;
    parser.command(
      leaf === undefined ? entry.name : `${entry.name} ${leaf.positionals}`.trim(),
      entry.summary,
      (below: Argv) => {
        if (leaf !== undefined) return leaf.build(below.usage(usage));
        if (isNamed && entry.children !== undefined) {
          addCommands(below, entry.children, { ...named, path: path.slice(1) });
        }
        return below;
      },
      leaf === undefined ? () => undefined : named.choose,
    );
  }
}

/** Without a `--`: what follows it are paths, whatever they begin with. */
function plainWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  if (end === -1) return argv;
  const paths = argv.slice(end + 1).map((path) => (/^-./.test(path) ? `./${path}` : path));
  return [...argv.slice(0, end), ...paths];
}

/** yargs takes a lone "-" for an option without a name; this word stands in for it. */
const STDIN_WORD = "<stdin>";

/** What is written, where a lone "-" is stdout; and what yargs keeps for itself. */
const NOT_READ: ReadonlySet<string> = new Set(["output", "o", "_", "$0"]);

function withStdin(args: object): object {
  const read = Object.entries(args).filter(([key]) => !NOT_READ.has(key));
  const inputs = read.flatMap(([, value]): unknown[] => (Array.isArray(value) ? value : [value]));
  if (inputs.filter((input) => input === STDIN_WORD).length > 1) {
    throw new UsageError("only one trace can be - (standard input): it can be read once");
  }
  const restored = (value: unknown): unknown => (value === STDIN_WORD ? "-" : value);
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map(restored) : restored(value),
    ]),
  );
}

/** One line that says what is wrong with the command line. */
function explain(error: unknown, line: CommandLine): string {
  // yargs has no error class of its own that it exports; these are never its way to complain.
  if (!(error instanceof Error) || error instanceof RangeError) throw error;
  const problem = optionProblem(line) ?? complaintProblem(error.message, line);
  if (problem === undefined && error instanceof TypeError) throw error;
  return (problem ?? error.message.replace(/\s+/g, " ").trim()) + helpHint(line.path);
}

const TOP_USAGE = `$0 <command>

Reads a trace of what processes, kernels and devices did around a Linux live update (iommufd, \
VFIO, memfd, LUO, kexec handover), replays it through an emulation of the kernel, and says which \
rule was broken and which call went another way.`;

const TOP_EPILOGUE = `Start here:
  lutrace check trace.ndjson     what is wrong with this update?
  lutrace replay trace.ndjson    does this kernel still behave as agreed?
  lutrace explain <rule>         what does this finding mean?

Traces are native NDJSON or a recording lutrace can import; gzip and - (stdin)
work. Exit status: 0 nothing found, 1 found something, 2 unusable input or
usage, 3 a limit was hit.`;
