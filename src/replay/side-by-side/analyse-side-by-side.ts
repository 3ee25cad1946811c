/** One pass over a trace under several profiles: a machine for each, side by side. */

import type { Event } from "../../engine/event/index.js";
import type { Machine, Step } from "../../engine/machine.js";
import type { FactPath } from "../../engine/profile/facts.js";
import type { Profile } from "../../engine/profile/index.js";
import { type EventSource, readUpToLimit } from "../analysis.js";
import type { LimitError } from "../limit-error.js";
import type { EventSink } from "../source-events.js";
import { startMachine } from "../start-machine.js";
import { watchProfile } from "./watched-profile.js";

/** One of the profiles, with the machine that runs under it. */
export interface Lane {
  readonly profile: Profile;
  readonly machine: Machine;
  /** Facts of the profile that the machine has read for the event at work. */
  readonly reads: ReadonlySet<FactPath>;
}

/** What one event did in one lane. `step.transitions` is valid only during the call. */
export interface LaneStep extends Lane {
  readonly step: Step;
}

/** Called after every event, with a step for each profile in their order. */
export type SideBySideListener = (event: Event, steps: readonly LaneStep[]) => void;

export interface SideBySideOptions {
  /** In the order in which they are to be named. */
  readonly profiles: readonly Profile[];
  readonly listener: SideBySideListener;
  /** Called now and then, for a progress bar. */
  readonly on_progress?: (() => void) | undefined;
}

export interface SideBySide {
  readonly lanes: readonly Lane[];
  readonly events: number;
  /** The limit that was hit: events were left. */
  readonly limit: LimitError | undefined;
}

/**
 * Replays a trace under several profiles. It is read once, and memory follows the live objects of
 * the machines.
 *
 * @throws TraceError where the trace cannot be read on.
 */
export async function analyseSideBySide(
  source: EventSource,
  { profiles, listener, on_progress }: SideBySideOptions,
): Promise<SideBySide> {
  const lanes = profiles.map((profile) => startLane(profile, source));
  let events = 0;
  const sink: EventSink = {
    event(event) {
      const steps = lanes.map((lane) => stepOf(lane, event));
      events++;
      listener(event, steps);
      return true;
    },
  };
  const limit = await readUpToLimit(source, () => source.drive(sink, on_progress));
  return { lanes, events, limit };
}

interface OpenLane extends Lane {
  readonly reads: Set<FactPath>;
}

function startLane(profile: Profile, { header }: EventSource): OpenLane {
  const reads = new Set<FactPath>();
  const watched = watchProfile(profile, (path) => reads.add(path));
  return { profile, machine: startMachine(watched, header), reads };
}

function stepOf(lane: OpenLane, event: Event): LaneStep {
  lane.reads.clear();
  return { ...lane, step: lane.machine.apply(event) };
}
