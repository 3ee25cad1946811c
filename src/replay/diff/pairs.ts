/** Which thing of one state is which thing of the other, by name. A thing has one partner. */
export class Pairs {
  readonly #toB = new Map<string, string>();
  readonly #toA = new Map<string, string>();

  /** Pairs two names; false when one of them has a partner already. */
  add(a: string, b: string): boolean {
    if (this.#toB.has(a) || this.#toA.has(b)) return false;
    this.#toB.set(a, b);
    this.#toA.set(b, a);
    return true;
  }

  ofA(a: string): string | undefined {
    return this.#toB.get(a);
  }

  ofB(b: string): string | undefined {
    return this.#toA.get(b);
  }

  has(a: string, b: string): boolean {
    return this.#toB.get(a) === b;
  }
}

/** Pairs things without a partner that have the same key, in the order given. */
export function pairByKey(
  pairs: Pairs,
  a: readonly (readonly [name: string, key: string | undefined])[],
  b: readonly (readonly [name: string, key: string | undefined])[],
): void {
  const waiting = new Map<string, string[]>();
  for (const [name, key] of b) {
    if (key === undefined || pairs.ofB(name) !== undefined) continue;
    const list = waiting.get(key) ?? [];
    waiting.set(key, list);
    list.push(name);
  }
  for (const [name, key] of a) {
    if (key === undefined || pairs.ofA(name) !== undefined) continue;
    const partner = waiting.get(key)?.shift();
    if (partner !== undefined) pairs.add(name, partner);
  }
}
