/**
 * Areas of routine calls, as long as nobody asked for the memory behind them.
 *
 * Such an area is a few numbers: what it maps, from where, since when. Its pages count as pinned
 * and charged like any others. The backing object and its pins are made when somebody asks for
 * them, and for all of them before anything happens that would make the answer another one: a
 * change of the address space that the memory was found in.
 */

import { assert } from "../assert.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import { Memfd } from "../memory/memfd.js";
import type { Area } from "./areas.js";
import type { Accounting, Backing, BackingOwner } from "./backing.js";
import { FileBacking } from "./backing-file.js";
import { UserBacking } from "./backing-user.js";

/** What the backing objects of many areas have in common. */
export class AreaSource {
  constructor(
    readonly machine: Machine,
    /** The file that is mapped; undefined for memory of the owner. */
    readonly file: OpenFile | undefined,
    /** Seals of a memfd at that time. */
    readonly seals: number | undefined,
    readonly writable: boolean,
    readonly accounting: Accounting,
    readonly owner: BackingOwner,
    /** The areas lie in an IOAS with a domain: their pages are pinned and charged. */
    readonly pinned: boolean,
  ) {}

  /** How many pages hold `length_bytes` bytes from `address` on, wholly or in part. */
  pagesIn(address: number, length_bytes: number): number {
    const { page_bytes } = this.machine;
    return Math.ceil(((address % page_bytes) + length_bytes) / page_bytes);
  }

  private pagesOf({ address, first_key, last_key }: Area): number {
    return this.pagesIn(address, last_key - first_key + 1);
  }

  /** Takes a reference to the file; pinning its pages makes those that it does not have yet. */
  holdFile({ address, first_key, last_key }: Area): void {
    const { file } = this;
    file?.get();
    if (!this.pinned || !(file?.object instanceof Memfd)) return;
    const { pages } = file.object;
    const first = BigInt(address);
    pages.fill(pages.pageOf(first), pages.pageOf(first + BigInt(last_key - first_key)));
  }

  /** Charges the pages of an area, or gives them back. */
  charge(area: Area, sign: 1 | -1): void {
    if (!this.pinned || this.accounting === "none") return;
    this.machine.locked.charge(this.accounting, this.owner, sign * this.pagesOf(area));
  }

  /** Makes the backing object of an area, with all that the call that made the area did to it. */
  settle(area: Area): Backing {
    const { machine, file, accounting, owner, writable } = this;
    machine.unsettled.delete(area);
    const start = area.address % machine.page_bytes;
    const rest = [
      machine,
      area.serial,
      BigInt(area.address - start),
      BigInt(this.pagesOf(area)),
      writable,
      accounting,
      owner,
    ] as const;
    const backing =
      file === undefined ? new UserBacking(...rest) : new FileBacking(file, this.seals, ...rest);
    backing.takeOver(this.pinned ? area.seq : undefined);
    return backing;
  }
}

/** The unsettled areas of a machine. Adding and deleting one costs O(1). */
export class UnsettledAreas {
  private readonly areas: Area[] = [];

  /** An area came: its pages are charged, holes of its file are filled, the file is held. */
  add(area: Area): void {
    const { source } = area;
    assert(source !== undefined, "an unsettled area says what it is made of");
    source.charge(area, 1);
    source.holdFile(area);
    area.unsettled_at = this.areas.length;
    this.areas.push(area);
  }

  /** Forgets an area: it is settled now, or gone. */
  delete(area: Area): void {
    const at = area.unsettled_at;
    if (at < 0) return;
    const last = this.areas.pop();
    if (last !== undefined && last !== area) {
      this.areas[at] = last;
      last.unsettled_at = at;
    }
    area.unsettled_at = -1;
  }

  /** The area is gone: its pages are given back, its file is let go. */
  drop(area: Area): void {
    const { source } = area;
    assert(source !== undefined, "an unsettled area says what it is made of");
    this.delete(area);
    source.charge(area, -1);
    source.file?.put(source.machine);
  }

  /** Settles all areas, in the order in which they were made. */
  settleAll(): void {
    if (this.areas.length === 0) return;
    for (const area of this.areas.slice().sort((a, b) => a.serial - b.serial)) area.backing;
  }
}
