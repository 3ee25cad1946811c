/** Which object of one machine is which of the other, as two traces are read side by side. */
export class Partners {
  private readonly toB = new WeakMap<object, object>();
  private readonly toA = new WeakMap<object, object>();

  /** Ties two objects together that have no partner yet; a thing keeps the first one it gets. */
  pair(a: object, b: object): void {
    if (this.toB.has(a) || this.toA.has(b)) return;
    this.toB.set(a, b);
    this.toA.set(b, a);
  }

  /** Neither machine's things know it yet. */
  isFree(thing: object): boolean {
    return !this.toB.has(thing) && !this.toA.has(thing);
  }

  /** The partner in A of a thing of B, where it has one. */
  ofB(b: object): object | undefined {
    return this.toA.get(b);
  }

  /** Whether they are partners, or could be: nothing is known of either. */
  canBe(a: object, b: object): boolean {
    const known = this.toB.get(a);
    return known === undefined ? !this.toA.has(b) : known === b;
  }
}
