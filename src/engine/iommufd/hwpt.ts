import type { Ioas } from "./ioas.js";
import { IommufdObject } from "./object.js";

/** A kernel managed page table on an IOAS (HWPT_PAGING). */
export class HwptPaging extends IommufdObject {
  readonly type = "HWPT_PAGING";
  readonly ioas!: Ioas;
  /** The domain's aperture and the page sizes it can use, as a bitmap. */
  readonly aperture_first!: bigint;
  readonly aperture_last!: bigint;
  readonly page_sizes!: bigint;
  override destroy(): void {}
}
