/** The memory behind areas: one object per MAP or MAP_FILE, shared by what COPY makes of it. */

import { assert } from "../assert.js";
import { larger, smaller } from "../bigint.js";
import type { Errno } from "../errno.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { AddressSpace } from "../memory/address-space.js";
import { FilePages } from "../memory/file-pages.js";
import type { Process } from "../process/process.js";
import { type PageRun, PinMap } from "./pins.js";

/** How pinned pages are charged; decided when the memory is mapped (iommufd.md 3.2). */
export type Accounting = "none" | "user" | "mm";

/** Who mapped the memory: its pages are found in `mm` and charged to `uid` or `mm`. */
export interface BackingOwner {
  readonly process: Process;
  readonly mm: AddressSpace;
  readonly uid: number;
}

/** The process as an owner; the same object as long as its memory and its user are the same. */
export function ownerOf(process: Process): BackingOwner {
  const { mm, uid } = process;
  const known = process.newest_owner;
  if (known !== undefined && known.mm === mm && known.uid === uid) return known;
  const owner = { process, mm, uid };
  process.newest_owner = owner;
  return owner;
}

/**
 * One backing object. It lives as long as areas use it.
 *
 * @source struct iopt_pages, drivers/iommu/iommufd/io_pagetable.h (v7.3.4)
 */
export abstract class Backing {
  abstract readonly kind: "user" | "file" | "dmabuf";
  /** The file that was mapped; the backing object holds a reference while areas use it. */
  abstract readonly file: OpenFile | undefined;
  private _areas = 0;
  private _pins: PinMap | undefined;
  /** Pages that are pinned now. */
  pinned_pages = 0n;

  constructor(
    readonly machine: Machine,
    /** Unique in the whole trace. */
    readonly serial: number,
    /** User address or file offset of the first page, in bytes. */
    readonly base: bigint,
    readonly page_count: bigint,
    /** The call that made it asked for WRITEABLE. */
    readonly writable: boolean,
    readonly accounting: Accounting,
    /** CHANGE_PROCESS replaces it. */
    public owner: BackingOwner,
  ) {}

  /** Areas that use this object. */
  get areas(): number {
    return this._areas;
  }

  get pins(): PinMap | undefined {
    return this._pins;
  }

  /** Pages are taken and given back; false for device memory, which only is mapped. */
  get pinnable(): boolean {
    return true;
  }

  /**
   * Whether pages `first..last`, which nobody holds, can be pinned now by `caller`.
   *
   * @source pfn_reader_user_pin, drivers/iommu/iommufd/pages.c (v7.3.4)
   */
  abstract checkPin(first: bigint, last: bigint, caller: Process): Errno | undefined;

  /** Which memory pages `first..last` are now; they passed `checkPin`. */
  abstract locate(first: bigint, last: bigint): PageRun[];

  /** The parts of `first..last` that nobody holds yet. */
  unpinned(first: bigint, last: bigint): readonly { first: bigint; last: bigint }[] {
    return this._pins?.unpinned(first, last) ?? [{ first, last }];
  }

  /** Which memory pages `first..last` are: what is pinned, and elsewhere what would be. */
  *identify(first: bigint, last: bigint): Generator<PageRun, undefined> {
    const { page_size } = this.machine;
    let at = first;
    for (const run of this._pins?.runs(first, last) ?? []) {
      if (run.first > at) yield* this.locate(at, run.first - 1n);
      const start = larger(run.first, first);
      const end = smaller(run.last, last);
      const offset = run.offset + (start - run.first) * page_size;
      yield { object: run.object, offset, count: end - start + 1n };
      at = end + 1n;
    }
    if (at <= last) yield* this.locate(at, last);
  }

  /** One more holder of pages `first..last`: pages nobody held are pinned and charged. */
  hold(first: bigint, last: bigint): void {
    if (!this.pinnable) return;
    this.charge(this.countUnpinned(first, last));
    this._pins ??= new PinMap(this);
    this._pins.hold(first, last, (from, to) => {
      const runs = this.locate(from, to);
      for (const run of runs) fillHoles(run, this.machine.page_size);
      return runs;
    });
  }

  /** One holder less of pages `first..last`. */
  release(first: bigint, last: bigint): void {
    if (!this.pinnable) return;
    assert(this._pins !== undefined, "pages are released that were never pinned");
    this._pins.release(first, last);
    // What is unpinned now was pinned before: the holder that leaves held all of it.
    if (this._pins.isEmpty) this._pins = undefined;
    this.charge(-this.countUnpinned(first, last));
  }

  private countUnpinned(first: bigint, last: bigint): bigint {
    const pins = this._pins;
    return pins === undefined ? last - first + 1n : countPages(pins.unpinned(first, last));
  }

  /** CHANGE_PROCESS: the new owner pays from now on. */
  changeOwner(owner: BackingOwner): void {
    const pages = this.pinned_pages;
    this.charge(-pages);
    this.owner = owner;
    this.charge(pages);
  }

  /**
   * The object of an area that was unsettled. The area holds its file and its pages are charged
   * already, and holes are filled.
   *
   * @param pinned_seq Seq of the call that pinned all its pages; undefined: they are not pinned.
   */
  takeOver(pinned_seq: number | undefined): void {
    this._areas = 1;
    if (pinned_seq === undefined) return;
    this.pinned_pages = this.page_count;
    this._pins = new PinMap(this);
    this._pins.take(pinned_seq, this.locate(0n, this.page_count - 1n));
  }

  addArea(): void {
    if (this._areas++ === 0) this.onFirstArea();
  }

  removeArea(): void {
    assert(this._areas > 0, `backing #${this.serial} has no area to lose`);
    if (--this._areas === 0) this.onLastArea();
  }

  /** The object came into use. */
  protected onFirstArea(): void {
    this.file?.get();
  }

  /** The last area is gone: nothing is pinned any more, the file is let go. */
  protected onLastArea(): void {
    this.file?.put(this.machine);
  }

  private charge(pages: bigint): void {
    this.pinned_pages += pages;
    this.machine.locked.charge(this.accounting, this.owner, Number(pages));
  }
}

/**
 * Pinning a hole of a memfd allocates its pages, through the file and through a mapping of it.
 *
 * @source memfd_alloc_folio, mm/memfd.c and shmem_fault, mm/shmem.c (v7.3.4)
 */
function fillHoles({ object, offset, count }: PageRun, page_size: bigint): void {
  if (!(object instanceof FilePages) || count === 0n) return;
  object.fill(object.pageOf(offset), object.pageOf(offset + count * page_size - 1n));
}

export function countPages(runs: readonly { first: bigint; last: bigint }[]): bigint {
  let pages = 0n;
  for (const run of runs) pages += run.last - run.first + 1n;
  return pages;
}
