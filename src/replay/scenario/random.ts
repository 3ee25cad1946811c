/** A generator of numbers: one seed gives the same numbers everywhere. Not for secrets. */
export class Random {
  #state: number;

  /** Any text is a seed. */
  constructor(seed: string) {
    let state = 0x811c_9dc5;
    for (const character of seed) {
      state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x0100_0193) >>> 0;
    }
    this.#state = state;
  }

  /** An integer from 0 to `below` - 1; `below` is at most 2^32. */
  below(below: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  /** One of several things; `choices` is not empty. */
  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new RangeError("nothing to pick from");
    return chosen;
  }
}
