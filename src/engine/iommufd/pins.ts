/** Which pages of a backing object are pinned, and which memory they are. */

import { larger, smaller } from "../bigint.js";
import { FilePages } from "../memory/file-pages.js";
import type { MemoryObject } from "../memory/memory-object.js";
import { RangeTree } from "./areas-tree.js";
import type { Backing } from "./backing.js";
import type { UnsettledAreas } from "./unsettled-areas.js";

/** Pages `first..last` of a backing object, pinned, and the memory they were when pinned. */
export interface PinnedRun {
  readonly first: bigint;
  readonly last: bigint;
  /** How many areas in translated IOASes and access pins hold these pages. */
  readonly holders: number;
  readonly object: MemoryObject;
  /** Offset in `object` of the first page, in bytes. */
  readonly offset: bigint;
  /** Seq of the event that pinned the pages; a file may have other pages there since. */
  readonly pinned_seq: number;
}

/** A run of pages about to be pinned: `count` pages of `object` from `offset` on. */
export interface PageRun {
  readonly object: MemoryObject;
  readonly offset: bigint;
  readonly count: bigint;
}

type Locate = (first: bigint, last: bigint) => readonly PageRun[];

/**
 * The pinned pages of one backing object, as runs with a holder count. A page is pinned once, no
 * matter how many hold it, and keeps the memory it had at that moment: later changes of the address
 * space do not reach it.
 */
export class PinMap {
  /** The only run, as long as there is no second one: nearly always. */
  private only: PinnedRun | undefined;
  private tree: RangeTree<PinnedRun> | undefined;

  constructor(readonly backing: Backing) {}

  get isEmpty(): boolean {
    return this.only === undefined && (this.tree === undefined || this.tree.size === 0);
  }

  /** Pinned runs that intersect `first..last`, ascending. */
  runs(first: bigint, last: bigint): readonly PinnedRun[] {
    if (this.tree !== undefined) return this.tree.listOverlapping(first, last);
    const { only } = this;
    return only !== undefined && only.first <= last && only.last >= first ? [only] : [];
  }

  find(index: bigint): PinnedRun | undefined {
    if (this.tree !== undefined) return this.tree.find(index);
    const { only } = this;
    return only !== undefined && only.first <= index && only.last >= index ? only : undefined;
  }

  /** The parts of `first..last` that nobody holds yet, ascending. */
  unpinned(first: bigint, last: bigint): { first: bigint; last: bigint }[] {
    if (this.tree !== undefined) return this.tree.gapsIn(first, last);
    const { only } = this;
    if (only === undefined || only.first > last || only.last < first) return [{ first, last }];
    const gaps: { first: bigint; last: bigint }[] = [];
    if (only.first > first) gaps.push({ first, last: only.first - 1n });
    if (only.last < last) gaps.push({ first: only.last + 1n, last });
    return gaps;
  }

  /** One more holder of `first..last`; `locate` says what memory pages nobody holds yet are. */
  hold(first: bigint, last: bigint, locate: Locate): void {
    if (!this.isEmpty) {
      this.change(first, last, 1, locate);
      return;
    }
    const pinned: PinnedRun[] = [];
    this.pin(pinned, first, last, locate);
    this.start(pinned);
  }

  /** The first runs. */
  private start(pinned: readonly PinnedRun[]): void {
    const [run] = pinned;
    if (run === undefined || pinned.length > 1 || this.tree !== undefined) {
      this.replace([], pinned);
      return;
    }
    this.backing.machine.pins.add(run.object, this.backing);
    this.only = run;
  }

  /**
   * The pages of an object that had no pins yet were pinned earlier, all of them by one holder.
   *
   * @param pinned_seq Seq of the call that did it.
   * @param located What memory they are.
   */
  take(pinned_seq: number, located: readonly PageRun[]): void {
    const pinned: PinnedRun[] = [];
    this.pinRuns(pinned, 0n, located, pinned_seq);
    this.start(pinned);
  }

  /** One holder less; pages without a holder are let go. */
  release(first: bigint, last: bigint): void {
    const { only } = this;
    if (only === undefined || only.holders > 1 || only.first < first || only.last > last) {
      this.change(first, last, -1, () => []);
      return;
    }
    this.backing.machine.pins.remove(only.object, this.backing);
    this.only = undefined;
  }

  /** The runs as a tree, from here on. */
  private asTree(): RangeTree<PinnedRun> {
    if (this.tree !== undefined) return this.tree;
    this.tree = new RangeTree<PinnedRun>();
    if (this.only !== undefined) this.tree.insert(this.only);
    this.only = undefined;
    return this.tree;
  }

  private change(first: bigint, last: bigint, delta: 1 | -1, locate: Locate): void {
    // The runs right before and behind take part, so that equal neighbours become one run.
    const before = first === 0n ? 0n : first - 1n;
    const old = this.runs(before, last + 1n);
    const changed: PinnedRun[] = [];
    let at = first;
    for (const run of old) {
      if (run.first > at && at <= last) {
        this.pin(changed, at, smaller(run.first - 1n, last), locate);
      }
      const start = larger(run.first, first);
      const end = smaller(run.last, last);
      if (start > end) this.append(changed, run);
      else {
        this.append(changed, this.part(run, run.first, start - 1n, run.holders));
        this.append(changed, this.part(run, start, end, run.holders + delta));
        this.append(changed, this.part(run, end + 1n, run.last, run.holders));
      }
      if (run.last >= at) at = run.last + 1n;
    }
    if (at <= last) this.pin(changed, at, last, locate);
    this.replace(old, changed);
  }

  private replace(old: readonly PinnedRun[], changed: readonly PinnedRun[]): void {
    const { pins } = this.backing.machine;
    const runs = this.asTree();
    for (const run of changed) pins.add(run.object, this.backing);
    for (const run of old) {
      runs.remove(run);
      pins.remove(run.object, this.backing);
    }
    for (const run of changed) runs.insert(run);
  }

  private pin(into: PinnedRun[], first: bigint, last: bigint, locate: Locate): void {
    this.pinRuns(into, first, locate(first, last), this.backing.machine.seq);
  }

  private pinRuns(
    into: PinnedRun[],
    first: bigint,
    located: readonly PageRun[],
    pinned_seq: number,
  ): void {
    let at = first;
    for (const { object, offset, count } of located) {
      const end = at + count - 1n;
      this.append(into, { first: at, last: end, holders: 1, object, offset, pinned_seq });
      at = end + 1n;
    }
  }

  private part(run: PinnedRun, first: bigint, last: bigint, holders: number): PinnedRun {
    const offset = run.offset + (first - run.first) * this.backing.machine.page_size;
    return { ...run, first, last, holders, offset };
  }

  /** Appends a run unless it is empty or held by nobody; equal neighbours are joined. */
  private append(runs: PinnedRun[], run: PinnedRun): void {
    if (run.first > run.last || run.holders === 0) return;
    const previous = runs[runs.length - 1];
    if (previous !== undefined && this.continues(previous, run)) {
      runs[runs.length - 1] = { ...previous, last: run.last };
    } else runs.push(run);
  }

  private continues(run: PinnedRun, next: PinnedRun): boolean {
    if (run.last + 1n !== next.first || run.holders !== next.holders) return false;
    if (run.object.serial !== next.object.serial) return false;
    // Which page an offset of a file has depends on when it was pinned.
    if (run.object instanceof FilePages && run.pinned_seq !== next.pinned_seq) return false;
    const { page_size } = this.backing.machine;
    return run.offset + (next.first - run.first) * page_size === next.offset;
  }
}

/** True when the file behind the run still has, at `offset`, the page that was pinned. */
export function isStillCurrent(
  run: Pick<PinnedRun, "object" | "pinned_seq">,
  offset: bigint,
): boolean {
  if (!(run.object instanceof FilePages)) return true;
  const freed = run.object.freedSeq(offset);
  return freed === undefined || freed < run.pinned_seq;
}

/** The same for `length` bytes from `offset` on. */
export function areStillCurrent(run: PinnedRun, offset: bigint, length: bigint): boolean {
  if (!(run.object instanceof FilePages)) return true;
  return run.object.freedSince(offset, offset + length - 1n, run.pinned_seq).length === 0;
}

/** Finds the backing objects, of all contexts, that hold pages of a memory object. */
export class PinRegistry {
  /** Number of pinned runs by serial of the memory object and backing. */
  private readonly byObject = new Map<number, Map<Backing, number>>();

  /** @param unsettled Areas that have pins which are not in the registry yet. */
  constructor(private readonly unsettled: UnsettledAreas) {}

  add(object: MemoryObject, backing: Backing): void {
    let backings = this.byObject.get(object.serial);
    if (backings === undefined) {
      backings = new Map();
      this.byObject.set(object.serial, backings);
    }
    backings.set(backing, (backings.get(backing) ?? 0) + 1);
  }

  remove(object: MemoryObject, backing: Backing): void {
    const backings = this.byObject.get(object.serial);
    const runs = backings?.get(backing);
    if (backings === undefined || runs === undefined) return;
    if (runs > 1) backings.set(backing, runs - 1);
    else backings.delete(backing);
    if (backings.size === 0) this.byObject.delete(object.serial);
  }

  /** Backing objects that hold at least one page of `object`. */
  holders(object: MemoryObject): Iterable<Backing> {
    this.unsettled.settleAll();
    return this.byObject.get(object.serial)?.keys() ?? [];
  }

  /** True when every page of bytes `first..last` of a memory object is pinned `times` times. */
  allHeld(
    object: MemoryObject,
    first: bigint,
    last: bigint,
    times: number,
    page_size: bigint,
  ): boolean {
    const steps = new Map<bigint, number>([
      [first, 0],
      [last + 1n, 0],
    ]);
    const step = (at: bigint, by: number) => steps.set(at, (steps.get(at) ?? 0) + by);
    for (const backing of this.holders(object)) {
      for (const run of backing.pins?.runs(0n, backing.page_count - 1n) ?? []) {
        if (run.object.serial !== object.serial) continue;
        const end = run.offset + (run.last - run.first + 1n) * page_size - 1n;
        if (end < first || run.offset > last) continue;
        step(larger(run.offset, first), 1);
        step(smaller(end, last) + 1n, -1);
      }
    }
    let held = 0;
    for (const at of [...steps.keys()].sort((a, b) => (a < b ? -1 : 1))) {
      held += steps.get(at) ?? 0;
      if (at <= last && held !== times) return false;
    }
    return true;
  }
}
