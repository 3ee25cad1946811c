/** Lets a stated number of things happen at the same time; the others wait for their turn. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(readonly inside_max: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.inside_max) this.#inside++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Whoever waits takes the place of the one that leaves.
      if (next === undefined) this.#inside--;
      else next();
    }
  }
}
