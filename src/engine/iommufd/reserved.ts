/**
 * The reserved and the allowed ranges of an IOAS. Both are short lists: a few ranges per domain and
 * device, and what the caller allows.
 */

import { larger, smaller } from "../bigint.js";
import { U64_MAX } from "../u64.js";

/** Who holds a reservation: a domain's aperture, a device's reserved regions, the selftest. */
export type ReservationOwner = object;

export interface IovaRange {
  readonly first: bigint;
  readonly last: bigint;
}

interface Reservation extends IovaRange {
  readonly owner: ReservationOwner;
}

/** The ends of maximal ranges as doubles, ascending. */
interface PlainEnds {
  readonly firsts: readonly number[];
  readonly lasts: readonly number[];
}

/** IOVAs no area may use. Reservations may overlap; each lasts until its owner goes. */
export class ReservedRanges {
  private _entries: Reservation[] = [];
  private _merged: IovaRange[] = [];
  private ends: PlainEnds | undefined;

  /** The reserved IOVAs as maximal ranges, ascending. */
  get merged(): readonly IovaRange[] {
    return this._merged;
  }

  /** Every reservation with its owner, in the order they were made. */
  entries(): readonly Readonly<Reservation>[] {
    return this._entries;
  }

  add(first: bigint, last: bigint, owner: ReservationOwner): void {
    this._entries.push({ first, last, owner });
    this.ends = undefined;
    const low = first === 0n ? 0n : first - 1n;
    const from = indexOf(this._merged, low);
    let to = from;
    let joined: IovaRange = { first, last };
    for (; to < this._merged.length; to++) {
      const range = this._merged[to];
      if (range === undefined || range.first > last + 1n) break;
      joined = { first: smaller(joined.first, range.first), last: larger(joined.last, range.last) };
    }
    this._merged.splice(from, to - from, joined);
  }

  /** True when the owner held anything. */
  release(owner: ReservationOwner): boolean {
    const left = this._entries.filter((entry) => entry.owner !== owner);
    if (left.length === this._entries.length) return false;
    this._entries = left;
    this._merged = mergeRanges(left);
    this.ends = undefined;
    return true;
  }

  meets(first: bigint, last: bigint): boolean {
    return meetsAny(this._merged, first, last);
  }

  /** The same for addresses up to Number.MAX_SAFE_INTEGER: doubles tell those from all others. */
  meetsPlain(first: number, last: number): boolean {
    const { firsts, lasts } = this.plainEnds();
    let low = 0;
    let high = lasts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lasts[middle] as number) < first) low = middle + 1;
      else high = middle;
    }
    return low < firsts.length && (firsts[low] as number) <= last;
  }

  private plainEnds(): PlainEnds {
    this.ends ??= {
      firsts: this._merged.map(({ first }) => Number(first)),
      lasts: this._merged.map(({ last }) => Number(last)),
    };
    return this.ends;
  }

  /** The ranges inside `first..last` that are not reserved, ascending. */
  gaps(first = 0n, last = U64_MAX): Generator<IovaRange, undefined> {
    return gapsOf(this._merged, first, last);
  }
}

/** The IOVAs automatic selection may use; an empty list allows all. */
export class AllowedRanges {
  private _entries: readonly IovaRange[] = [];
  private _merged: readonly IovaRange[] = [];

  get entries(): readonly IovaRange[] {
    return this._entries;
  }

  /** The allowed IOVAs as maximal ranges, ascending. */
  get merged(): readonly IovaRange[] {
    return this._merged;
  }

  replace(entries: readonly IovaRange[]): void {
    this._entries = entries;
    this._merged = mergeRanges(entries);
  }

  meets(first: bigint, last: bigint): boolean {
    return meetsAny(this._merged, first, last);
  }
}

/** Joins ranges that overlap or touch; the result ascends. */
export function mergeRanges(ranges: readonly IovaRange[]): IovaRange[] {
  const sorted = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: { first: bigint; last: bigint }[] = [];
  for (const { first, last } of sorted) {
    const previous = merged[merged.length - 1];
    if (previous !== undefined && first <= previous.last + 1n) {
      if (last > previous.last) previous.last = last;
    } else merged.push({ first, last });
  }
  return merged;
}

/** What ascending, disjoint `ranges` leave free inside `first..last`. */
export function* gapsOf(
  ranges: readonly IovaRange[],
  first: bigint,
  last: bigint,
): Generator<IovaRange, undefined> {
  let at = first;
  for (let index = indexOf(ranges, first); index < ranges.length; index++) {
    const range = ranges[index];
    if (range === undefined || range.first > last) break;
    if (range.first > at) yield { first: at, last: range.first - 1n };
    at = range.last + 1n;
  }
  if (at <= last) yield { first: at, last };
}

/** Index of the first range that ends at or after `at`. */
function indexOf(ranges: readonly IovaRange[], at: bigint): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range !== undefined && range.last < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function meetsAny(ranges: readonly IovaRange[], first: bigint, last: bigint): boolean {
  const range = ranges[indexOf(ranges, first)];
  return range !== undefined && range.first <= last;
}
