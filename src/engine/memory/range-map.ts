/**
 * Non-overlapping ranges `first..last` of u64 with a value each, in ascending order. Look-ups cost
 * O(log n), changes O(n) for moving array slots: for address spaces and holes, which have few.
 */

export interface Range<V> {
  readonly first: bigint;
  readonly last: bigint;
  readonly value: V;
}

/** Subclasses say what a cut does to a value, and which values join. */
export class RangeMap<V> {
  private _ranges: Range<V>[] = [];

  get size(): number {
    return this._ranges.length;
  }

  ranges(): readonly Range<V>[] {
    return this._ranges;
  }

  /** The range that holds `at`. */
  find(at: bigint): Range<V> | undefined {
    const range = this._ranges[this.lowerBound(at)];
    return range !== undefined && range.first <= at ? range : undefined;
  }

  /** The range that holds `at`, else the next one above it. */
  atOrAfter(at: bigint): Range<V> | undefined {
    return this._ranges[this.lowerBound(at)];
  }

  /** All ranges that intersect `first..last`, ascending. */
  overlapping(first: bigint, last: bigint): Range<V>[] {
    const from = this.lowerBound(first);
    let to = from;
    while (to < this._ranges.length && (this._ranges[to]?.first ?? 0n) <= last) to++;
    return this._ranges.slice(from, to);
  }

  /** Sets `first..last` to `value`, cutting what was there. */
  set(first: bigint, last: bigint, value: V): void {
    const below = first === 0n ? undefined : this.find(first - 1n);
    const above = this.find(last + 1n);
    const from = below !== undefined && this.joins(below.value, value) ? below.first : first;
    const to = above !== undefined && this.joins(above.value, value) ? above.last : last;
    this.replace(from, to, [{ first: from, last: to, value }]);
  }

  /** Removes `first..last`, cutting ranges that cross its ends. */
  delete(first: bigint, last: bigint): void {
    const lowest = this.atOrAfter(first);
    if (lowest === undefined || lowest.first > last) return;
    this.replace(first, last, []);
  }

  /** Takes over all ranges of another map in place of its own. */
  copyFrom(other: RangeMap<V>): void {
    this._ranges = other._ranges.slice();
  }

  /** The value of a piece that starts `delta` bytes into its range. */
  protected shift(value: V, _delta: bigint): V {
    return value;
  }

  /** Whether two ranges that touch become one when the second is set beside the first. */
  protected joins(_one: V, _other: V): boolean {
    return false;
  }

  /** Index of the first range whose last byte is not below `at`. */
  private lowerBound(at: bigint): number {
    let low = 0;
    let high = this._ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = this._ranges[middle];
      if (range !== undefined && range.last < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private replace(first: bigint, last: bigint, middle: Range<V>[]): void {
    const from = this.lowerBound(first);
    const old = this.overlapping(first, last);
    const head = old[0];
    const end = old.at(-1);
    const pieces: Range<V>[] = [];
    if (head !== undefined && head.first < first) {
      pieces.push({ first: head.first, last: first - 1n, value: head.value });
    }
    pieces.push(...middle);
    if (end !== undefined && end.last > last) {
      const value = this.shift(end.value, last + 1n - end.first);
      pieces.push({ first: last + 1n, last: end.last, value });
    }
    this._ranges.splice(from, old.length, ...pieces);
  }
}
