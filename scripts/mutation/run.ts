/** Makes the mutants of a mutation and says who found them. */

import type { Finding } from "../../src/checkers/finding.js";
import { ruleById } from "../../src/checkers/rules/index.js";
import type { Event } from "../../src/engine/event/index.js";
import type { ProfileId } from "../../src/engine/profile/index.js";
import { type Mutant, mutantAt } from "./change.js";
import { isRoot, judge, newFindings } from "./judge.js";
import { CLEAN, type Mutation } from "./mutation.js";
import type { Program } from "./program.js";
import { NotHere } from "./scene.js";
import { readProgram, traceNames } from "./traces.js";

/** What came of one mutant. */
export interface MutantResult {
  readonly mutation: Mutation;
  readonly trace: string;
  readonly profile: ProfileId;
  /** Seq, in the clean trace, of the event that was changed. */
  readonly seq: number;
  /** The owner has a finding where the fault is. */
  readonly found: boolean;
  /** Other rules with a finding that neither the owner's nor the table's words explain. */
  readonly blamed: readonly string[];
}

/** Where a mutant can be made. */
export interface Place {
  readonly mutation: Mutation;
  readonly program: Program;
  readonly index: number;
}

/** All places of a mutation: every event it applies to, in every trace it names. */
export function placesOf(mutation: Mutation): Place[] {
  const profiles = mutation.profiles ?? ruleById(mutation.rule)?.profiles ?? [];
  return programsOf(mutation.of)
    .filter(({ profile }) => profiles.includes(profile))
    .flatMap((program) => {
      const indexes = program.steps
        .filter(({ moment }) => mutation.change.select(moment))
        .map(({ moment }) => moment.index);
      const chosen = mutation.nth === undefined ? indexes : indexes.slice(mutation.nth).slice(0, 1);
      return chosen.map((index) => ({ mutation, program, index }));
    });
}

function programsOf(names: readonly string[]): Program[] {
  return names.flatMap((name) => {
    if (name === CLEAN) return cleanPrograms();
    if (!name.startsWith("scenarios/")) return [readProgram(name)];
    const folder = name.split("/", 1)[0] ?? "";
    return namesIn(folder)
      .filter((full) => full.startsWith(`${name}.`))
      .map(readProgram);
  });
}

let clean: readonly Program[] | undefined;

function cleanPrograms(): readonly Program[] {
  clean ??= namesIn("scenarios")
    .map(readProgram)
    .filter((program) => endsCleanly(program) && !cleanFindings(program).some(isRoot));
  return clean;
}

function endsCleanly({ trace }: Program): boolean {
  return trace.events.some(({ type, ...rest }) => {
    return type === "marker" && (rest as { what?: string }).what === "clean_end";
  });
}

const NAMES = new Map<string, readonly string[]>();

function namesIn(folder: string): readonly string[] {
  const known = NAMES.get(folder);
  if (known !== undefined) return known;
  const names = traceNames(folder);
  NAMES.set(folder, names);
  return names;
}

/** Runs one mutant; undefined where the trace lacks what the change is made with. */
export function runPlace({ mutation, program, index }: Place): MutantResult | undefined {
  const mutant = mutantIn(program, mutation, index);
  if (mutant === undefined) return undefined;
  const { findings } = judge(mutant);
  const fresh = newFindings(findings, cleanFindings(program));
  const owned = fresh.filter(({ rule }) => rule === mutation.rule);
  return {
    mutation,
    trace: program.trace.name,
    profile: program.profile,
    seq: program.steps[index]?.event.seq ?? 0,
    found: owned.some((finding) => isAtFault(finding, mutant, mutation)),
    blamed: blamedIn(fresh, mutation),
  };
}

function mutantIn(program: Program, { change }: Mutation, index: number): Mutant | undefined {
  try {
    return mutantAt(program, change, index);
  } catch (error) {
    if (error instanceof NotHere) return undefined;
    throw error;
  }
}

function isAtFault({ seq }: Finding, { events, changed }: Mutant, { at }: Mutation): boolean {
  if (at === undefined) return true;
  if (at.includes("here") && changed.includes(seq)) return true;
  const event = events.find((one) => one.seq === seq);
  return event !== undefined && at.some((name) => isNamed(event, name));
}

function isNamed(event: Event, name: string): boolean {
  return event.type === "ioctl" ? event.op.endsWith(name) : event.type === name;
}

/** Rules other than the owner with a root of their own that the table does not know. */
function blamedIn(findings: readonly Finding[], { rule, also = {} }: Mutation): string[] {
  const others = findings.filter(isRoot).filter((finding) => finding.rule !== rule);
  const unknown = others.map((finding) => finding.rule).filter((id) => also[id] === undefined);
  return [...new Set(unknown)].sort();
}

const CLEAN_FINDINGS = new Map<Program, readonly Finding[]>();

function cleanFindings(program: Program): readonly Finding[] {
  const known = CLEAN_FINDINGS.get(program);
  if (known !== undefined) return known;
  const { profile, trace } = program;
  const { findings } = judge({ profile, header: trace.header, events: trace.events });
  CLEAN_FINDINGS.set(program, findings);
  return findings;
}
