import type { Errno } from "../errno.js";
import type { OpenFile } from "../file/open-file.js";
import { Memfd } from "../memory/memfd.js";
import { Backing } from "./backing.js";
import type { PageRun } from "./pins.js";

/**
 * Pages of a file, by offset (IOMMU_IOAS_MAP_FILE). Any file is accepted and held; only memfds can
 * be pinned.
 */
export class FileBacking extends Backing {
  readonly kind = "file";
  constructor(
    readonly file: OpenFile,
    /** Seals of the memfd when it was mapped; undefined for another file. */
    readonly seals_at_map: number | undefined,
    ...rest: ConstructorParameters<typeof Backing>
  ) {
    super(...rest);
  }

  /**
   * EINVAL: not a memfd, or the last page is not wholly inside the file.
   *
   * @source memfd_pin_folios, mm/gup.c (v7.3.4)
   */
  override checkPin(_first: bigint, last: bigint): Errno | undefined {
    const { object } = this.file;
    if (!(object instanceof Memfd)) return "EINVAL";
    const end = this.base + (last + 1n) * this.machine.page_size;
    return end > object.size_bytes ? "EINVAL" : undefined;
  }

  override locate(first: bigint, last: bigint): PageRun[] {
    const { object } = this.file;
    if (!(object instanceof Memfd)) return [];
    const offset = this.base + first * this.machine.page_size;
    return [{ object: object.pages, offset, count: last - first + 1n }];
  }
}
