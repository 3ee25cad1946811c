/** What is wrong with a command line, in a sentence. */

import type { Argv } from "yargs";
import type { Command, CommandEntry } from "./command.js";
import { suggestion } from "./suggest.js";

/** The command line as far as it was understood when something turned out to be wrong with it. */
export interface CommandLine {
  readonly argv: readonly string[];
  readonly parser: Argv;
  /** The entries that were named: `corpus`, `run`. */
  readonly path: readonly CommandEntry[];
  readonly command: Command | undefined;
}

/** The part of what yargs knows about options that is not in its types. */
interface DeclaredOptions {
  readonly key: Readonly<Record<string, unknown>>;
  readonly alias: Readonly<Record<string, readonly string[]>>;
  readonly boolean: readonly string[];
  /** Options that may be given more than once. */
  readonly array: readonly string[];
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

/** Where to read more, to be appended to a message: `; see lutrace check --help`. */
export function helpHint(path: readonly CommandEntry[]): string {
  return `; see ${["lutrace", ...path.map(({ name }) => name), "--help"].join(" ")}`;
}

/**
 * What is wrong with the options: one that does not exist, one that is given twice, one whose
 * value is missing or not wanted. yargs complains about missing arguments first, and an unknown
 * option is the usual reason why one is missing.
 */
export function optionProblem({ argv, parser }: CommandLine): string | undefined {
  const options = declaredOptions(parser);
  const names = new Set([...Object.keys(options.key), ...Object.values(options.alias).flat()]);
  const seen = new Set<string>();
  for (const word of argv) {
    if (word === "--") break;
    const [, dashes, spelled, value] = /^(--|-(?=[a-z]))([^=]*)(?:=(.*))?$/is.exec(word) ?? [];
    if (dashes === undefined || spelled === undefined) continue;
    const given = dashes === "-" ? spelled.slice(0, 1) : spelled;
    const negated = /^no-(.*)$/.exec(given)?.[1];
    const isNegated =
      negated !== undefined && !names.has(given) && options.boolean.includes(negated);
    const name = nameOf(isNegated ? negated : given, options);
    if (!names.has(name)) {
      const known = [...names].filter(({ length }) => length > 1).map((known) => `--${known}`);
      const isFormat = given === "json" && names.has("format");
      const hint = isFormat ? " (did you mean --format json?)" : suggestion(`--${given}`, known);
      return `unknown option ${dashes}${given}${hint}`;
    }
    if (seen.has(name) && !options.array.includes(name)) return `--${name} was given twice`;
    seen.add(name);
    const isSwitch = options.boolean.includes(name);
    if (isSwitch && value !== undefined && value !== "true" && value !== "false") {
      return `--${name} takes no value, not ${value === "" ? "an empty one" : value}`;
    }
    if (value === "") return `--${name} needs a value`;
  }
  return undefined;
}

/** What is wrong, going by the complaint of yargs; undefined for one that is not known here. */
export function complaintProblem(complaint: string, line: CommandLine): string | undefined {
  const follow = /^Not enough arguments following: (.*)$/s.exec(complaint)?.[1];
  if (follow !== undefined)
    return `--${nameOf(follow, declaredOptions(line.parser))} needs a value`;
  const got = /^Not enough non-option arguments: got (\d+)/.exec(complaint)?.[1];
  if (got !== undefined) return missingArgument(Number(got), line);
  const invalid = /Argument: ([^,]+), Given: "(.*)", Choices: /s.exec(complaint);
  if (invalid !== null) {
    const [, option = "", given = ""] = invalid;
    const choices = declaredOptions(line.parser).choices[option] ?? [];
    const hint = suggestion(given, choices);
    return `--${option} cannot be ${given}${hint}; it is one of ${choices.join(", ")}`;
  }
  const unknown = /^Unknown arguments?: (.*)$/s.exec(complaint)?.[1];
  return unknown === undefined ? undefined : `unexpected argument ${unknown.split(", ")[0]}`;
}

function missingArgument(got: number, { path, command }: CommandLine): string {
  const positionals = command?.positionals ?? "";
  const missing = positionals.match(/<[^>]+>/g)?.[got] ?? "an argument";
  const usage = ["lutrace", ...path.map(({ name }) => name), positionals].join(" ");
  return `${missing} is missing: ${usage}`;
}

/** The long name of an option that may be given by its letter. */
function nameOf(given: string, options: DeclaredOptions): string {
  if (given.length > 1) return given;
  const aliased = Object.entries(options.alias).find(([, letters]) => letters.includes(given));
  return aliased?.[0] ?? given;
}

function declaredOptions(parser: Argv): DeclaredOptions {
  return (parser as unknown as { getOptions(): DeclaredOptions }).getOptions();
}
