/** Areas: the mappings of an IOAS. */

import { assert } from "../assert.js";
import { keyOf } from "./areas-node.js";
import type { Backing } from "./backing.js";
import type { AreaSource } from "./unsettled-areas.js";

/** What an area lets accesses and devices do. */
export interface AreaRights {
  readonly readable: boolean;
  readonly writable: boolean;
}

/** What is known of an area once its memory was asked for. */
interface KnownArea {
  readonly first: bigint;
  readonly last: bigint;
  readonly start: bigint;
  readonly backing: Backing;
}

/**
 * One mapping: IOVAs `first..last` show bytes of a backing object, from `start` on.
 *
 * The areas of ordinary calls know their backing object from the start. Those of routine calls are
 * plain numbers until somebody asks for more: most mappings of a busy host come and go before
 * anybody does. See unsettled-areas.ts.
 *
 * @source struct iopt_area, drivers/iommu/iommufd/io_pagetable.h (v7.3.4)
 */
export class Area implements AreaRights {
  /** Its place among the unsettled areas of the machine; -1 once it has a backing object. */
  unsettled_at = -1;
  /** Access pins that hold pages of this area; UNMAP asks them to let go. */
  accesses = 0;
  /** Hardware queues that hold it; UNMAP answers EBUSY. */
  locks = 0;
  private known: KnownArea | undefined;

  private constructor(
    /** `first` and `last` as doubles: exact up to Number.MAX_SAFE_INTEGER, in order above it. */
    readonly first_key: number,
    readonly last_key: number,
    readonly readable: boolean,
    readonly writable: boolean,
    /** What the backing object is to be made of; undefined for one that was made with the area. */
    readonly source: AreaSource | undefined,
    /** User address or file offset of the first byte, where there is a source. */
    readonly address: number,
    /** The serial that its backing object is to get. */
    readonly serial: number,
    /** Seq of the call that made it. */
    readonly seq: number,
  ) {}

  /** @param start Offset of the first byte in the backing object, in bytes from its first page. */
  static of(
    first: bigint,
    last: bigint,
    backing: Backing,
    start: bigint,
    { readable, writable }: AreaRights,
  ): Area {
    const no_source = [undefined, 0, 0, 0] as const;
    const area = new Area(keyOf(first), keyOf(last), readable, writable, ...no_source);
    area.known = { first, last, start, backing };
    return area;
  }

  /** An unsettled area; its numbers are at most Number.MAX_SAFE_INTEGER. */
  static unsettled(
    first: number,
    last: number,
    readable: boolean,
    source: AreaSource,
    address: number,
    serial: number,
    seq: number,
  ): Area {
    return new Area(first, last, readable, source.writable, source, address, serial, seq);
  }

  get first(): bigint {
    return this.known?.first ?? BigInt(this.first_key);
  }

  get last(): bigint {
    return this.known?.last ?? BigInt(this.last_key);
  }

  /** Offset of the first byte in the backing object, in bytes from its first page. */
  get start(): bigint {
    return this.settled().start;
  }

  /** The memory behind it; asking settles the area. */
  get backing(): Backing {
    return this.settled().backing;
  }

  private settled(): KnownArea {
    if (this.known === undefined) {
      const { source, address, first, last } = this;
      assert(source !== undefined, "an area without a backing object says what it is made of");
      const start = BigInt(address) % source.machine.page_size;
      this.known = { first, last, start, backing: source.settle(this) };
    }
    return this.known;
  }

  get length(): bigint {
    return this.last - this.first + 1n;
  }

  /** Pages of the backing object that hold the first and the last byte. */
  get firstPage(): bigint {
    return this.start / this.backing.machine.page_size;
  }

  get lastPage(): bigint {
    return (this.start + (this.last - this.first)) / this.backing.machine.page_size;
  }

  /** Offset of the first byte in its page. */
  get page_offset(): bigint {
    return this.start % this.backing.machine.page_size;
  }

  /** Offset in the backing object of the byte at `iova`. */
  offsetOf(iova: bigint): bigint {
    return this.start + (iova - this.first);
  }

  /** Page of the backing object that holds the byte at `iova`. */
  pageOf(iova: bigint): bigint {
    return this.offsetOf(iova) / this.backing.machine.page_size;
  }

  /** True when IOVA, length and page offset are multiples of `alignment`. */
  isAlignedTo(alignment: bigint): boolean {
    return (this.first | this.length | this.page_offset) % alignment === 0n;
  }
}

/** A part of a backing object that is to become an area: COPY makes one per source area. */
export interface AreaPiece extends AreaRights {
  readonly backing: Backing;
  readonly start: bigint;
  readonly length: bigint;
}
