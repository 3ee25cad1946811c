/** Options that several commands share, each with one meaning everywhere. */

import type { Argv } from "yargs";
import { PROFILES, type ProfileId } from "../engine/profile/index.js";
import { suggestion } from "./suggest.js";
import { UsageError } from "./usage-error.js";

export type Format = "table" | "json";
export type FailOn = "error" | "warning" | "info" | "never";

export interface TraceArgs {
  readonly profile: ProfileId | undefined;
  readonly lenient: boolean;
  readonly "limit-events": number | undefined;
  readonly progress: boolean;
}

const PROFILE_IDS = Object.keys(PROFILES) as ProfileId[];

/** A number in the help, and text until `wholeNumber` has read it, which is exact. */
export const NUMBER = { type: "string", number: true } as const;

/** How traces are read and under which kernel they are replayed. */
export function traceOptions<T>(yargs: Argv<T>) {
  return readingOptions(
    yargs.option("profile", {
      type: "string",
      group: READING,
      describe: PROFILE_MEANING,
      requiresArg: true,
      coerce: profileId,
    }),
  );
}

/** The same for a command that can judge by several kernels at once. */
export function profilesOption<T>(yargs: Argv<T>) {
  return readingOptions(
    yargs.option("profile", {
      array: true,
      nargs: 1,
      group: READING,
      describe: `${PROFILE_MEANING}; several, with commas or given again: where verdicts part`,
      requiresArg: true,
      coerce: profileIds,
    }),
  );
}

const PROFILE_MEANING =
  "Kernel or patch series to judge by (lutrace profiles lists them); default: what the" +
  " trace's header says, else luo73";

/** How traces are read. */
function readingOptions<T>(yargs: Argv<T>) {
  return progressOption(yargs)
    .option("lenient", {
      type: "boolean",
      group: READING,
      default: false,
      describe: "Leave out lines that cannot be understood, count them, and say unknown for pass",
    })
    .option("limit-events", {
      ...NUMBER,
      group: READING,
      describe: "Stop after N events (exit status 3 if the trace is longer)",
      requiresArg: true,
      coerce: (text: string | undefined) => wholeNumber("limit-events", text, 1),
    });
}

export function progressOption<T>(yargs: Argv<T>) {
  return yargs.option("progress", {
    type: "boolean",
    group: READING,
    default: true,
    describe: "Progress bar on stderr, for large traces and on a terminal only",
  });
}

/** Traces to work on, one or more: `<trace..>`. `what` a trace may be on the command line. */
export function tracePositional<T>(yargs: Argv<T>, what = "Trace"): Argv<T & { trace: string[] }> {
  const given = yargs.positional("trace", {
    type: "string",
    demandOption: true,
    describe: `${what}: native NDJSON or a recording that can be imported, gzip or not; - is stdin`,
  });
  // The two dots make it a list; stating that again would show an empty default in the help.
  return given as unknown as Argv<T & { trace: string[] }>;
}

export function formatOption<T>(yargs: Argv<T>) {
  return yargs.option("format", {
    choices: ["table", "json"] as const,
    default: "table" as Format,
    group: RESULT,
    requiresArg: true,
    describe: "table to read, json for programs (one document)",
  });
}

/** `meaning` says what the levels stand for in this command. */
export function failOnOption<T>(yargs: Argv<T>, meaning: string) {
  return yargs.option("fail-on", {
    choices: ["error", "warning", "info", "never"] as const,
    default: "error" as FailOn,
    group: RESULT,
    requiresArg: true,
    describe: meaning,
  });
}

/** A number option that must be whole and at least `minimum`. */
export function wholeNumber(
  option: string,
  text: string | undefined,
  minimum: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new UsageError(`--${option} needs a whole number of at least ${minimum}, not ${text}`);
}

export function profileId(text: string | undefined): ProfileId | undefined {
  if (text === undefined) return undefined;
  const known = PROFILE_IDS.find((id) => id === text);
  if (known !== undefined) return known;
  const hint = suggestion(text, PROFILE_IDS);
  throw new UsageError(`unknown profile ${text}${hint}; profiles are ${PROFILE_IDS.join(", ")}`);
}

/** Profiles in the order given, each once: the option may be repeated, or name several. */
function profileIds(texts: readonly string[] | undefined): readonly ProfileId[] {
  const words = (texts ?? []).flatMap((text) => text.split(","));
  const ids = words.flatMap((word) => profileId(word) ?? []);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice === undefined) return ids;
  throw new UsageError(`--profile ${twice} was given twice; name another one, or leave one out`);
}

export const READING = "Reading:";
export const RESULT = "Result:";
