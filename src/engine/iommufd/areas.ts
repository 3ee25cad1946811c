/** Areas: the mappings of an IOAS. */

import type { Backing } from "./backing.js";

/** What an area lets accesses and devices do. */
export interface AreaRights {
  readonly readable: boolean;
  readonly writable: boolean;
}

/**
 * One mapping: IOVAs `first..last` show bytes of a backing object, from `start` on.
 *
 * @source struct iopt_area, drivers/iommu/iommufd/io_pagetable.h (v7.3.4)
 */
export class Area implements AreaRights {
  /** Access pins that hold pages of this area; UNMAP asks them to let go. */
  accesses = 0;
  /** Hardware queues that hold it; UNMAP answers EBUSY. */
  locks = 0;
  /** Pages of the backing object that hold the first and the last byte. */
  readonly firstPage: bigint;
  readonly lastPage: bigint;

  constructor(
    readonly first: bigint,
    readonly last: bigint,
    readonly backing: Backing,
    /** Offset of the first byte in the backing object, in bytes from its first page. */
    readonly start: bigint,
    readonly readable: boolean,
    readonly writable: boolean,
  ) {
    const { page_size } = backing.machine;
    this.firstPage = start / page_size;
    this.lastPage = (start + (last - first)) / page_size;
  }

  get length(): bigint {
    return this.last - this.first + 1n;
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
