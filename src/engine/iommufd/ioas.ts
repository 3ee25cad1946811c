import { assert } from "../assert.js";
import { larger } from "../bigint.js";
import type { Errno } from "../errno.js";
import type { Process } from "../process/process.js";
import { U64_MAX } from "../u64.js";
import type { Access } from "./access.js";
import { Area, type AreaPiece } from "./areas.js";
import { RangeTree } from "./areas-tree.js";
import { lowestSetBit } from "./auto-iova.js";
import { checkPins, type PinRequest } from "./backing-account.js";
import type { IommufdContext } from "./context.js";
import type { HwptPaging } from "./hwpt.js";
import { IommufdObject } from "./object.js";
import {
  AllowedRanges,
  type IovaRange,
  type ReservationOwner,
  ReservedRanges,
} from "./reserved.js";
import type { AreaSource } from "./unsettled-areas.js";

const TABLE_ENTRY_BYTES = 8n;

export type { ReservationOwner } from "./reserved.js";

/**
 * An I/O address space: areas, reserved and allowed ranges, the domains that translate it and the
 * accesses attached to it (iommufd.md 3).
 *
 * Every operation that can fail comes as a pair: `check…` answers with an errno and changes
 * nothing, the operation itself assumes that the check passed.
 *
 * Three things always hold: no area meets a reserved range, no allowed range does, and pages are
 * pinned exactly where an area lies in an IOAS with a domain or an access pin holds them.
 *
 * @source struct io_pagetable, drivers/iommu/iommufd/io_pagetable.c (v7.3.4)
 */
export class Ioas extends IommufdObject {
  readonly type = "IOAS";
  readonly areas = new RangeTree<Area>();
  readonly reserved = new ReservedRanges();
  readonly allowed = new AllowedRanges();
  private readonly _domains: HwptPaging[] = [];
  private readonly _accesses = new Set<Access>();
  /** Preserved page tables on it: while there are any, areas can neither come nor go. */
  private _preserved = 0;
  private _largePagesDisabled = false;
  private _alignment = 1n;
  /** `iova_alignment` as a number. */
  alignment_bytes = 1;
  /** What the newest areas of routine calls were made of. */
  newest_source: AreaSource | undefined;

  constructor(context: IommufdContext, serial: number) {
    super(context, serial);
  }

  get page_size(): bigint {
    return this.context.machine.page_size;
  }

  /** What a page table entry one level up maps, where transparent huge pages are built in. */
  get huge_page_bytes(): bigint {
    const { page_size } = this;
    const { transparent_hugepage } = this.context.machine.config;
    return transparent_hugepage ? page_size * (page_size / TABLE_ENTRY_BYTES) : page_size;
  }

  /** IOVAs, lengths and page offsets of new areas are multiples of this power of two. */
  get iova_alignment(): bigint {
    return this._alignment;
  }

  get largePagesDisabled(): boolean {
    return this._largePagesDisabled;
  }

  /** Domains in the order in which they were added. */
  get domains(): readonly HwptPaging[] {
    return this._domains;
  }

  get accesses(): ReadonlySet<Access> {
    return this._accesses;
  }

  /** A preserved page table translates it: its mappings must stay as they are. */
  get frozen(): boolean {
    return this._preserved > 0;
  }

  /** One more preserved page table on it. */
  freeze(): void {
    if (this._preserved++ === 0) this.context.machine.emit({ kind: "ioas_frozen", ioas: this });
  }

  /** One less: the session was closed before the kexec. */
  thaw(): void {
    assert(this._preserved > 0, `IOAS ${this.id} is not frozen`);
    if (--this._preserved === 0) this.context.machine.emit({ kind: "ioas_thawed", ioas: this });
  }

  /** A range may be reserved when it meets no area and no allowed range. */
  canReserve(first: bigint, last: bigint): boolean {
    return !this.areas.meets(first, last) && !this.allowed.meets(first, last);
  }

  reserve(first: bigint, last: bigint, owner: ReservationOwner): void {
    this.reserved.add(first, last, owner);
    this.context.machine.emit({ kind: "reserved_changed", ioas: this });
  }

  /** Drops every reservation of an owner; nothing happens when it holds none. */
  releaseReservations(owner: ReservationOwner): void {
    if (!this.reserved.release(owner)) return;
    this.context.machine.emit({ kind: "reserved_changed", ioas: this });
  }

  /**
   * Adding a domain: alignment (EINVAL, EADDRINUSE), aperture (EADDRINUSE), then every area is
   * pinned and mapped by the calling process (EFAULT, ENOMEM, EINVAL, EOVERFLOW). Costs O(areas).
   *
   * @source iopt_table_add_domain, drivers/iommu/iommufd/io_pagetable.c (v7.3.4)
   */
  checkAddDomain(hwpt: HwptPaging, process: Process): Errno | undefined {
    const wanted = smallestPage(hwpt);
    if (larger(wanted, this._alignment) > this.page_size) return "EINVAL";
    if (!this.canAlignTo(wanted)) return "EADDRINUSE";
    for (const { first, last } of outsideOf(hwpt)) {
      if (!this.canReserve(first, last)) return "EADDRINUSE";
    }
    return checkPins(this.pinRequests(), process, this.context.machine);
  }

  /** Adds a domain: its aperture is reserved, the pages of all areas are pinned. */
  addDomain(hwpt: HwptPaging, _process: Process): void {
    const { machine } = this.context;
    for (const { first, last } of outsideOf(hwpt)) this.reserved.add(first, last, hwpt);
    this._domains.push(hwpt);
    this.recomputeAlignment();
    if (this._domains.length === 1) {
      for (const area of this.areas) area.backing.hold(area.firstPage, area.lastPage);
    }
    machine.emit({ kind: "reserved_changed", ioas: this });
    machine.emit({ kind: "domain_added", ioas: this, hwpt });
  }

  /** Removes a domain; with the last one go the pins that only domains held. */
  removeDomain(hwpt: HwptPaging): void {
    const index = this._domains.indexOf(hwpt);
    assert(index >= 0, `HWPT ${hwpt.id} is not a domain of IOAS ${this.id}`);
    this._domains.splice(index, 1);
    if (this._domains.length === 0) {
      for (const area of this.areas) area.backing.release(area.firstPage, area.lastPage);
    }
    this.releaseReservations(hwpt);
    this.recomputeAlignment();
    this.context.machine.emit({ kind: "domain_removed", ioas: this, hwpt });
  }

  /** EADDRINUSE when the access' alignment (1 or the page size) does not fit the areas. */
  checkAddAccess(access: Access): Errno | undefined {
    return this.canAlignTo(access.alignment) ? undefined : "EADDRINUSE";
  }

  /** Attaches an access; it counts as a user of the IOAS. */
  addAccess(access: Access): void {
    this._accesses.add(access);
    this.use();
    this.recomputeAlignment();
  }

  removeAccess(access: Access): void {
    assert(this._accesses.delete(access), `the access is not attached to IOAS ${this.id}`);
    this.unuse();
    this.recomputeAlignment();
  }

  /** EADDRINUSE when an area is not aligned to the page size. */
  checkDisableLargePages(): Errno | undefined {
    if (this._largePagesDisabled) return undefined;
    if (this._domains.length > 0 && this.areas.size > 0) return "EINVAL";
    return this.canAlignTo(this.page_size) ? undefined : "EADDRINUSE";
  }

  setLargePagesDisabled(disabled: boolean): void {
    this._largePagesDisabled = disabled;
    this.recomputeAlignment();
  }

  /** Replaces the allowed ranges; none of them may meet a reserved range. */
  allow(ranges: readonly IovaRange[]): void {
    this.allowed.replace(ranges);
    this.context.machine.emit({ kind: "allowed_changed", ioas: this });
  }

  /** Adds one area per piece, from `iova` on; with a domain their pages are pinned. */
  addAreas(pieces: readonly AreaPiece[], iova: bigint): void {
    let at = iova;
    for (const piece of pieces) {
      const { backing, start, length } = piece;
      this.addArea(Area.of(at, at + length - 1n, backing, start, piece));
      at += length;
    }
  }

  addArea(area: Area): void {
    this.areas.insert(area, area.first_key, area.last_key);
    area.backing.addArea();
    if (this._domains.length > 0) area.backing.hold(area.firstPage, area.lastPage);
    this.context.machine.emit({ kind: "area_added", ioas: this, area });
  }

  /** Removes an area that nothing locks or pins. */
  removeArea(area: Area): void {
    assert(area.accesses === 0 && area.locks === 0, "an area in use is not removed");
    this.areas.remove(area, area.first_key, area.last_key);
    if (area.unsettled_at >= 0) this.context.machine.unsettled.drop(area);
    else {
      if (this._domains.length > 0) area.backing.release(area.firstPage, area.lastPage);
      area.backing.removeArea();
    }
    for (const { dirty } of this._domains) dirty?.forget(area);
    this.context.machine.emit({ kind: "area_removed", ioas: this, area });
  }

  /** Cuts an area in two behind `iova`; both parts keep the pages they show. */
  splitArea(area: Area, iova: bigint): void {
    const { machine } = this.context;
    const { backing, start } = area;
    const rest = area.offsetOf(iova + 1n);
    const left = Area.of(area.first, iova, backing, start, area);
    const right = Area.of(iova + 1n, area.last, backing, rest, area);
    this.areas.remove(area);
    this.areas.insert(left);
    this.areas.insert(right);
    for (const { dirty } of this._domains) dirty?.split(area, left, right);
    backing.addArea();
    machine.emit({ kind: "area_removed", ioas: this, area });
    machine.emit({ kind: "area_added", ioas: this, area: left });
    machine.emit({ kind: "area_added", ioas: this, area: right });
  }

  override destroy(): void {
    const { context } = this;
    for (const area of [...this.areas]) this.removeArea(area);
    if (context.compatIoas === this) context.compatIoas = undefined;
  }

  /** True when every area fits an alignment that is larger than the present one. */
  canAlignTo(wanted: bigint): boolean {
    if (wanted <= this._alignment) return true;
    for (const area of this.areas) if (!area.isAlignedTo(wanted)) return false;
    return true;
  }

  private recomputeAlignment(): void {
    let alignment = this._largePagesDisabled ? this.page_size : 1n;
    for (const domain of this._domains) alignment = larger(alignment, smallestPage(domain));
    for (const access of this._accesses) alignment = larger(alignment, access.alignment);
    this._alignment = alignment;
    this.alignment_bytes = Number(alignment);
  }

  private *pinRequests(): Generator<PinRequest, undefined> {
    for (const area of this.areas) {
      const { backing, firstPage, lastPage, readable, writable } = area;
      yield { backing, first: firstPage, last: lastPage, readable, writable };
    }
  }
}

function smallestPage(hwpt: HwptPaging): bigint {
  return 1n << BigInt(lowestSetBit(hwpt.page_sizes));
}

/** The IOVAs the domain cannot translate. */
function outsideOf(hwpt: HwptPaging): IovaRange[] {
  const outside: IovaRange[] = [];
  if (hwpt.aperture_first > 0n) outside.push({ first: 0n, last: hwpt.aperture_first - 1n });
  if (hwpt.aperture_last < U64_MAX) outside.push({ first: hwpt.aperture_last + 1n, last: U64_MAX });
  return outside;
}
