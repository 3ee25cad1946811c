/**
 * Ranges `first..last` of whole numbers below 2^53, merged and ascending. A look-up costs
 * O(log ranges), a change O(ranges): for sets that consist of few ranges.
 */
export class NumberRanges {
  private readonly firsts: number[] = [];
  private readonly lasts: number[] = [];

  has(at: number): boolean {
    const first = this.firsts[this.lowerBound(at)];
    return first !== undefined && first <= at;
  }

  /** Adds `first..last`; ranges that touch become one. */
  add(first: number, last: number): void {
    const { firsts, lasts } = this;
    const from = this.lowerBound(first - 1);
    const to = this.behind(from, last + 1);
    const low = firsts[from];
    const high = lasts[to - 1];
    const merged = to > from && low !== undefined && high !== undefined;
    firsts.splice(from, to - from, merged ? Math.min(first, low) : first);
    lasts.splice(from, to - from, merged ? Math.max(last, high) : last);
  }

  /** Removes `first..last`; a range that crosses an end is cut. */
  remove(first: number, last: number): void {
    const { firsts, lasts } = this;
    const from = this.lowerBound(first);
    const to = this.behind(from, last);
    if (from === to) return;
    const low = firsts[from] ?? first;
    const high = lasts[to - 1] ?? last;
    const newFirsts: number[] = [];
    const newLasts: number[] = [];
    if (low < first) {
      newFirsts.push(low);
      newLasts.push(first - 1);
    }
    if (high > last) {
      newFirsts.push(last + 1);
      newLasts.push(high);
    }
    firsts.splice(from, to - from, ...newFirsts);
    lasts.splice(from, to - from, ...newLasts);
  }

  clear(): void {
    this.firsts.length = 0;
    this.lasts.length = 0;
  }

  /** The parts of the ranges that lie in `first..last`, ascending. */
  within(first: number, last: number): { first: number; last: number }[] {
    const found: { first: number; last: number }[] = [];
    const from = this.lowerBound(first);
    for (let index = from; index < this.behind(from, last); index++) {
      found.push({
        first: Math.max(first, this.firsts[index] ?? first),
        last: Math.min(last, this.lasts[index] ?? last),
      });
    }
    return found;
  }

  /** The lowest number of the set that is not below `at`. */
  nextIn(at: number): number | undefined {
    const first = this.firsts[this.lowerBound(at)];
    return first === undefined ? undefined : Math.max(first, at);
  }

  /** The last number of the range that holds `at`. */
  endOf(at: number): number | undefined {
    const index = this.lowerBound(at);
    const first = this.firsts[index];
    return first !== undefined && first <= at ? this.lasts[index] : undefined;
  }

  /** Index of the first range whose last number is not below `at`. */
  private lowerBound(at: number): number {
    const { lasts } = this;
    let low = 0;
    let high = lasts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lasts[middle] ?? at) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first range from `from` on that begins behind `last`. */
  private behind(from: number, last: number): number {
    const { firsts } = this;
    let to = from;
    for (let first = firsts[to]; first !== undefined && first <= last; first = firsts[to]) to++;
    return to;
  }
}
