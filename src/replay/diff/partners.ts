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

  /** Whether they are partners, or could be: nothing is known of either. */
  canBe(a: object, b: object): boolean {
    const known = this.toB.get(a);
    return known === undefined ? !this.toA.has(b) : known === b;
  }
}
