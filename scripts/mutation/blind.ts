/**
 * Blind mutants: every event of a clean trace left out in turn. Whether that did harm is told by
 * what the machine is left with, not by a rule.
 */

import type { Finding } from "../../src/checkers/finding.js";
import { isRoot, judge, newFindings } from "./judge.js";
import type { Moment } from "./moment.js";
import type { Program, ProgramStep } from "./program.js";
import { Telling, type Told } from "./retell.js";
import { World } from "./world.js";

/** What came of leaving one event out. */
export interface BlindMutant {
  readonly program: Program;
  /** The event that was changed. */
  readonly moment: Moment;
  /** Differences to the clean trace that somebody would miss; empty: the event was not needed. */
  readonly harm: readonly string[];
  readonly findings: readonly Finding[];
}

interface Reading {
  readonly world: World;
  readonly leftovers: readonly string[];
  readonly findings: readonly Finding[];
}

function read(program: Program, told: readonly Told[]): Reading {
  const world = new World();
  const { profile, trace } = program;
  const events = told.map(({ event }) => event);
  const indexes = told.map(({ index }) => index);
  let at = 0;
  const { findings, machine } = judge({ profile, header: trace.header, events }, (step) =>
    world.see(step, indexes[at++]),
  );
  return { world, leftovers: world.leftovers(machine), findings };
}

/** What is done to one event after the other, without a look at what it is. */
export const BLIND_CHANGES = ["drop", "repeat", "delay", "crash"] as const;
export type BlindChange = (typeof BLIND_CHANGES)[number];

/** Changes every event of a trace in turn. */
export function* blindMutants(program: Program, change: BlindChange): Generator<BlindMutant> {
  const clean = read(program, tell(program, undefined, change).told);
  for (const { event, moment } of program.steps) {
    if (KEPT.has(event.type)) continue;
    if (change === "crash" && (event.pid === undefined || event.type === "exit")) continue;
    if (change === "repeat" && NOT_REPEATED.has(event.type)) continue;
    if (change === "delay" && WIRING.has(event.type)) continue;
    const telling = tell(program, event.seq, change);
    const reading = read(program, telling.told);
    yield {
      program,
      moment,
      harm: harmOf(reading, clean, change === "repeat" ? moment.index : undefined),
      findings: newFindings(reading.findings, clean.findings),
    };
  }
}

/** What no program does: it is the frame of the trace. */
const KEPT: ReadonlySet<string> = new Set(["machine", "boot", "reboot", "child", "note", "marker"]);

/** How processes come about and descriptors get around: made twice or later, it is other wiring. */
const WIRING: ReadonlySet<string> = new Set([
  ...["new_fds", "send_fds", "receive_fds", "fork", "process_start"],
]);

/** Made twice, these are about something else the second time. */
const NOT_REPEATED: ReadonlySet<string> = new Set([...WIRING, "memfd_create", "close"]);

function tell(program: Program, seq: number | undefined, change: BlindChange): Telling {
  const telling = new Telling(program);
  let late: ProgramStep | undefined;
  for (const step of program.steps) {
    const { event } = step;
    if (event.seq !== seq) telling.make(step);
    else if (change === "drop") telling.leaveOut(step);
    else if (change === "repeat") {
      telling.make(step);
      telling.make(step);
    } else if (change === "crash") {
      const { pid = 0 } = event;
      if (telling.machine.processes.has(pid)) telling.add({ type: "exit", pid, signal: 9 });
      telling.make(step);
    } else {
      late = step;
      continue;
    }
    if (event.seq === seq || late === undefined) continue;
    telling.make(late);
    late = undefined;
  }
  return telling;
}

/** `repeated`: the step that was made twice; that its second time is refused is no harm. */
function harmOf(reading: Reading, clean: Reading, repeated: number | undefined): string[] {
  const harm: string[] = [];
  for (const [index, where] of reading.world.transfers) {
    const before = clean.world.transfers.get(index);
    if (before !== where) harm.push(`transfer of step ${index}: ${before} -> ${where}`);
  }
  for (const [index, errno] of reading.world.refused) {
    if (!clean.world.refused.has(index) && index !== repeated)
      harm.push(`step ${index} refused: ${errno}`);
  }
  const before = new Set(clean.leftovers);
  const after = new Set(reading.leftovers);
  for (const text of after) if (!before.has(text)) harm.push(`left: ${text}`);
  for (const text of before) if (!after.has(text)) harm.push(`not left: ${text}`);
  return harm;
}

/** Findings of a mutant that each stand for a fault of their own. */
export function rootsOf({ findings }: BlindMutant): string[] {
  return [...new Set(findings.filter(isRoot).map(({ rule }) => rule))].sort();
}

/** The operation of an event: the name of an ioctl, else the type. */
export function operationOf({ event }: Moment): string {
  return event.type === "ioctl" ? event.op : event.type;
}
