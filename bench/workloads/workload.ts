import type { Event } from "../../src/engine/event/index.js";
import type { ProfileId } from "../../src/engine/profile/index.js";

/** A kind of trace that is made from a fixed seed, as long as one likes. */
export interface Workload {
  readonly name: string;
  readonly profile: ProfileId;
  /** Events without end, in batches. */
  batches(): Generator<Event[]>;
}
