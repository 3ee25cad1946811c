/** Where runs of one trace under several profiles go different ways. */

import type { Event } from "../../engine/event/index.js";
import type { Fact } from "../../engine/profile/facts.js";
import type { ProfileId } from "../../engine/profile/index.js";
import type { Transition } from "../../engine/transition.js";
import { opOf } from "../../replay/compare.js";
import type { LaneStep } from "../../replay/side-by-side/analyse-side-by-side.js";
import {
  differingOutputs,
  sameAnswer,
  sameChanges,
} from "../../replay/side-by-side/compare-steps.js";
import { eventLine } from "../event-line.js";
import { predictedAnswer, recordedAnswer } from "./answers.js";
import { decidingFacts, type FactDifference, factDifference } from "./deciding-facts.js";

export interface ProfileAnswer {
  readonly profile: ProfileId;
  /** An errno, or `success` with the outputs in which the profiles differ. */
  readonly answer: string;
  /** The check of the model that decided, where it says. */
  readonly decided_by?: string;
}

/** Calls of one operation to which the profiles give the same different answers. */
export interface CallDifference {
  /** The first of them. */
  readonly seq: number;
  readonly op: string;
  readonly call: string;
  times: number;
  /** What the trace says the kernel answered; null where it says nothing. */
  readonly recorded: string | null;
  readonly answers: readonly ProfileAnswer[];
  /** Empty where it only follows from an earlier parting. */
  readonly facts: readonly FactDifference[];
}

/** The first event that leads somewhere else than under the first profile. */
export interface Parting {
  readonly profile: ProfileId;
  readonly from: ProfileId;
  readonly seq: number;
  readonly op: string;
  readonly call: string;
  /** `answer`: the profiles answer differently; `state`: the event changes something else. */
  readonly what: "answer" | "state";
  readonly recorded: string | null;
  readonly answers: readonly ProfileAnswer[];
  readonly facts: readonly FactDifference[];
}

/** More kinds than this are only counted: memory must not follow the trace. */
const KINDS_MAX = 1000;
/** So many events of each profile are remembered for the findings that refer to them. */
const SEQS_MAX = 10_000;

/** Listens to all events of a run side by side. */
export class Partings {
  readonly #kinds = new Map<string, CallDifference>();
  readonly #first = new Map<ProfileId, Parting>();
  /** Events at which a fact makes a profile part from the first one, by seq. */
  readonly #decided = new Map<ProfileId, number[]>();
  /** Calls of kinds beyond the limit. */
  left_out = 0;

  add(event: Event, steps: readonly LaneStep[]): void {
    const [base, ...others] = steps;
    if (base === undefined) return;
    const { outcome, transitions } = base.step;
    const facts = new Set<Fact>();
    let answersDiffer = false;
    for (const lane of others) {
      const isAnswer = !sameAnswer(outcome, lane.step.outcome);
      if (!isAnswer && sameChanges(transitions, lane.step.transitions)) continue;
      const own = decidingFacts(opOf(event), base, lane);
      if (own.length > 0) this.#remember(lane.profile.id, event.seq);
      if (!this.#first.has(lane.profile.id)) {
        const what = isAnswer ? "answer" : "state";
        this.#first.set(lane.profile.id, partingOf(event, [base, lane], what, own));
      }
      if (!isAnswer) continue;
      answersDiffer = true;
      for (const fact of own) facts.add(fact);
    }
    if (answersDiffer) this.#note(event, steps, [...facts]);
  }

  /** For each profile but the first: where it left the first one's way, if it did. */
  first(): Parting[] {
    return [...this.#first.values()];
  }

  /** In the order in which they came up. */
  calls(): CallDifference[] {
    return [...this.#kinds.values()];
  }

  /** Events at which a fact makes a profile part from the first one, newest first. */
  decidedAt(profile: ProfileId): number[] {
    return [...(this.#decided.get(profile) ?? [])].reverse();
  }

  #remember(profile: ProfileId, seq: number): void {
    const seqs = this.#decided.get(profile) ?? [];
    this.#decided.set(profile, seqs);
    if (seqs.length < SEQS_MAX) seqs.push(seq);
  }

  #note(event: Event, steps: readonly LaneStep[], facts: readonly Fact[]): void {
    const op = opOf(event);
    const outputs = outputsOf(steps);
    const answers = answersOf(steps, outputs);
    const recorded = recordedAnswer(event, outputs) ?? null;
    const key = [op, recorded, ...answers.map(({ answer }) => answer)].join("\0");
    const known = this.#kinds.get(key);
    if (known !== undefined) known.times++;
    else if (this.#kinds.size >= KINDS_MAX) this.left_out++;
    else {
      const profiles = steps.map(({ profile }) => profile);
      this.#kinds.set(key, {
        seq: event.seq,
        op,
        call: eventLine(event),
        times: 1,
        recorded,
        answers,
        facts: facts.map((fact) => factDifference(fact, profiles)),
      });
    }
  }
}

function partingOf(
  event: Event,
  pair: readonly [LaneStep, LaneStep],
  what: Parting["what"],
  facts: readonly Fact[],
): Parting {
  const [base, lane] = pair;
  const outputs = outputsOf(pair);
  const profiles = pair.map(({ profile }) => profile);
  return {
    profile: lane.profile.id,
    from: base.profile.id,
    seq: event.seq,
    op: opOf(event),
    call: eventLine(event),
    what,
    recorded: recordedAnswer(event, outputs) ?? null,
    answers: what === "answer" ? answersOf(pair, outputs) : changesOf(base, lane),
    facts: facts.map((fact) => factDifference(fact, profiles)),
  };
}

/** Names of the outputs in which successful answers differ. */
function outputsOf(steps: readonly LaneStep[]): ReadonlySet<string> {
  const [base, ...others] = steps.map(({ step }) => step.outcome);
  const outputs = new Set<string>();
  for (const other of others) {
    if (base === undefined || base.errno !== undefined || other.errno !== undefined) continue;
    for (const name of differingOutputs(base, other)) outputs.add(name);
  }
  return outputs;
}

function answersOf(steps: readonly LaneStep[], outputs: ReadonlySet<string>): ProfileAnswer[] {
  return steps.map(({ profile, step: { outcome } }) => ({
    profile: profile.id,
    answer: predictedAnswer(outcome, outputs),
    ...(outcome.decided_by === undefined ? {} : { decided_by: outcome.decided_by }),
  }));
}

/** What each of two runs changes and the other does not. */
function changesOf(base: LaneStep, lane: LaneStep): ProfileAnswer[] {
  return [
    { profile: base.profile.id, answer: onlyIn(base.step.transitions, lane.step.transitions) },
    { profile: lane.profile.id, answer: onlyIn(lane.step.transitions, base.step.transitions) },
  ];
}

function onlyIn(own: readonly Transition[], others: readonly Transition[]): string {
  const left = others.map(changeText);
  const found = own.map(changeText).filter((text) => {
    const index = left.indexOf(text);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return found.length === 0 ? "nothing more" : [...new Set(found)].join("; ");
}

function changeText(transition: Transition): string {
  const { kind, ...rest } = transition;
  const values = Object.entries(rest)
    .filter(([, value]) => ["string", "number", "boolean", "bigint"].includes(typeof value))
    .map(([name, value]) => `${name} ${String(value)}`);
  const what = kind.replaceAll("_", " ");
  return values.length === 0 ? what : `${what} (${values.join(", ")})`;
}
