/** Where the time of an analysis goes. The clock comes from outside: this room has none. */
export class StageTimes {
  readonly #spent_ns = new Map<string, bigint>();
  #last_ns: bigint;

  /** @param now_ns A clock that never runs backwards. */
  constructor(readonly now_ns: () => bigint) {
    this.#last_ns = now_ns();
  }

  /** The time since the last lap was spent on this stage. */
  lap(stage: string): void {
    const now = this.now_ns();
    this.add(stage, now - this.#last_ns);
    this.#last_ns = now;
  }

  add(stage: string, spent_ns: bigint): void {
    this.#spent_ns.set(stage, (this.#spent_ns.get(stage) ?? 0n) + spent_ns);
  }

  /** Stages with what was spent on each, most expensive first. */
  entries(): [stage: string, spent_ns: bigint][] {
    return [...this.#spent_ns].sort(([a, x], [b, y]) =>
      x === y ? (a < b ? -1 : 1) : x > y ? -1 : 1,
    );
  }
}
