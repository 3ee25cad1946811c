import type { Event } from "../../engine/event/index.js";

/** The first place where two traces tell different stories. */
export interface Parting {
  readonly kind: /** The two events are different calls, or the same call on different things. */
    | "differs"
    /** The same call had different results. */
    | "result"
    /** A has events that B does not have; `b` is what B goes on with. */
    | "only_in_a"
    | "only_in_b"
    /** The same calls come in another order, and that has consequences. */
    | "order";
  /** The next event of each trace there; undefined where it is over. */
  readonly a: Event | undefined;
  readonly b: Event | undefined;
}
