/** What a map/unmap pair costs with few and with many live areas. */

import type { Event } from "../src/engine/event/index.js";
import { Machine } from "../src/engine/machine.js";
import { PROFILES } from "../src/engine/profile/index.js";
import { commitRoutine, prepareRoutine } from "../src/engine/routine/routine.js";
import { ROUTINE_EVENTS, ROUTINE_KINDS, RoutineCall } from "../src/engine/routine/routine-call.js";
import { median } from "./measure.js";
import { Random } from "./random.js";
import { StormStage } from "./workloads/storm.js";

const KINDS = ["map", "unmap"] as const;

export interface AreasMeasured {
  readonly live_areas: number;
  /** Nanoseconds per call. */
  readonly call_ns: number;
}

/** A machine with so many live areas, and calls that unmap one and map it again. */
class Stage {
  readonly #machine = new Machine(PROFILES.luo73);
  readonly #call = new RoutineCall();
  readonly #rounds: Event[][] = [];

  constructor(
    readonly live_areas: number,
    rounds: number,
    calls: number,
  ) {
    const stage = new StormStage(live_areas);
    const { scenario } = stage;
    this.#apply(scenario.drain());
    for (let slot = 0; slot < live_areas; slot++) {
      stage.toggle(slot);
      if (slot % 10_000 === 0) this.#apply(scenario.drain());
    }
    this.#apply(scenario.drain());
    const random = new Random(4);
    for (let round = 0; round < rounds; round++) {
      for (let pair = 0; pair < calls / 2; pair++) {
        const slot = random.below(live_areas);
        stage.toggle(slot);
        stage.toggle(slot);
      }
      this.#rounds.push(scenario.drain());
    }
  }

  /** Nanoseconds per call in one round. */
  run(round: number): number {
    const events = this.#rounds[round] ?? [];
    const start = process.hrtime.bigint();
    this.#apply(events);
    return Number(process.hrtime.bigint() - start) / events.length;
  }

  /** As an analysis does it: what is routine goes past events. */
  #apply(events: readonly Event[]): void {
    for (const event of events) {
      const routine = fill(this.#call, event) && prepareRoutine(this.#machine, this.#call);
      if (routine) commitRoutine(this.#machine, this.#call);
      else this.#machine.apply(event);
    }
  }
}

/** The numbers of a map or unmap event; false for any other event. */
function fill(call: RoutineCall, event: Event): boolean {
  if (event.type !== "ioctl") return false;
  const kind = KINDS.find((known) => ROUTINE_EVENTS[known].op === event.op);
  const fields = event.in ?? {};
  if (kind === undefined) return false;
  call.kind = kind;
  call.index = ROUTINE_KINDS.indexOf(kind);
  call.seq = event.seq;
  call.pid = event.pid;
  call.fd = event.fd;
  call.flags = Number(fields["flags"]);
  call.ioas_id = Number(fields["ioas_id"]);
  call.address = Number(fields["user_va"]);
  call.iova = Number(fields["iova"]);
  call.length = Number(fields["length"]);
  return true;
}

/** Alternates between the sizes; the first round only warms up. */
export function measureAreas(
  sizes: readonly number[],
  rounds: number,
  calls: number,
): AreasMeasured[] {
  const stages = sizes.map((size) => ({
    stage: new Stage(size, rounds + 1, calls),
    ns: [] as number[],
  }));
  for (let round = 0; round <= rounds; round++) {
    for (const { stage, ns } of stages) {
      const call_ns = stage.run(round);
      if (round > 0) ns.push(call_ns);
    }
  }
  return stages.map(({ stage, ns }) => ({ live_areas: stage.live_areas, call_ns: median(ns) }));
}
