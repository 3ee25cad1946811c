import type { Event } from "../engine/event/index.js";
import type { Machine } from "../engine/machine.js";
import type { Divergence } from "../replay/compare.js";
import { eventLine } from "./event-line.js";
import { stateThatMattered } from "./state-that-mattered.js";

/** Divergences with the same operation, field, prediction and record. */
export interface DivergenceKind {
  readonly first: Divergence;
  /** The first call of this kind, decoded. */
  readonly line: string;
  /** What the model believed about the things it names. */
  readonly state: readonly string[];
  times: number;
}

/** More kinds than this are not told apart: memory must not follow the trace. */
const KINDS_MAX = 1000;

/** Sorts divergences into kinds while a trace is replayed. */
export class DivergenceKinds {
  readonly #kinds = new Map<string, DivergenceKind>();
  /** Divergences of kinds beyond the limit. */
  other = 0;

  add(event: Event, divergences: readonly Divergence[], machine: Machine): void {
    for (const divergence of divergences) {
      const { op, field, predicted, observed } = divergence;
      const key = [op, field, predicted, observed].join("\0");
      const known = this.#kinds.get(key);
      if (known !== undefined) known.times++;
      else if (this.#kinds.size >= KINDS_MAX) this.other++;
      else
        this.#kinds.set(key, {
          first: divergence,
          line: eventLine(event),
          state: stateThatMattered(event, machine),
          times: 1,
        });
    }
  }

  /** In the order in which they came up. */
  kinds(): DivergenceKind[] {
    return [...this.#kinds.values()];
  }
}
