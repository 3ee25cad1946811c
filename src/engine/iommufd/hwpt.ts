import type { PreservedDomain } from "../liveupdate/preserved-domain.js";
import type { Process } from "../process/process.js";
import type { IommufdContext } from "./context.js";
import { DirtyPages } from "./dirty-pages.js";
import type { Fault } from "./fault.js";
import type { Ioas } from "./ioas.js";
import {
  HWPT_DIRTY_TRACKING,
  HWPT_NEST_PARENT,
  HWPT_PASID,
  type IommuUnit,
  type PagingFormat,
} from "./iommu-unit.js";
import type { NestedDomain } from "./nesting.js";
import { IommufdObject, type ObjectType } from "./object.js";
import type { Viommu } from "./viommu.js";

/** What a HWPT is made of. */
export interface HwptPagingSpec {
  readonly ioas: Ioas;
  readonly unit: IommuUnit;
  readonly format: PagingFormat;
  /** HWPT_ALLOC flags. */
  readonly flags: number;
  /** Made by an attach to an IOAS; it goes with its last user. */
  readonly auto: boolean;
  readonly enforce_cache_coherency: boolean;
  readonly fault?: Fault | undefined;
}

/** A page table that devices can be attached to. */
export type Hwpt = HwptPaging | HwptNested;

/**
 * A kernel managed page table on an IOAS (HWPT_PAGING).
 *
 * @source struct iommufd_hwpt_paging, drivers/iommu/iommufd/iommufd_private.h (v7.3.4)
 */
export class HwptPaging extends IommufdObject {
  readonly type = "HWPT_PAGING";
  readonly ioas: Ioas;
  readonly unit: IommuUnit;
  readonly format: PagingFormat;
  readonly flags: number;
  readonly auto: boolean;
  readonly enforce_cache_coherency: boolean;
  readonly fault: Fault | undefined;
  /** Pages the hardware marked as written; undefined: allocated without DIRTY_TRACKING. */
  readonly dirty: DirtyPages | undefined;
  /** Made by a call of this kernel, or brought back from the kernel before. */
  origin: "fresh" | "restored" = "fresh";
  /** Token it is marked with for preservation. */
  mark_token: bigint | undefined;
  /** Its record in a session that holds it: its IOAS and its attachments must not change. */
  preserved_as: PreservedDomain | undefined;

  constructor(context: IommufdContext, serial: number, spec: HwptPagingSpec) {
    super(context, serial);
    this.ioas = spec.ioas;
    this.unit = spec.unit;
    this.format = spec.format;
    this.flags = spec.flags;
    this.auto = spec.auto;
    this.enforce_cache_coherency = spec.enforce_cache_coherency;
    this.fault = spec.fault;
    const tracked = (spec.flags & HWPT_DIRTY_TRACKING) !== 0;
    this.dirty = tracked ? new DirtyPages(spec.ioas, spec.format.page_sizes) : undefined;
  }

  /** The IOVAs it can translate, and the page sizes it can use as a bitmap. */
  get aperture_first(): bigint {
    return this.format.aperture_first;
  }

  get aperture_last(): bigint {
    return this.format.aperture_last;
  }

  get page_sizes(): bigint {
    return this.format.page_sizes;
  }

  /** A device can read where the mapping only allows writing. */
  get readsThroughWriteOnly(): boolean {
    return this.unit.reads_through_write_only;
  }

  get preserved(): boolean {
    return this.preserved_as !== undefined;
  }

  get nest_parent(): boolean {
    return (this.flags & HWPT_NEST_PARENT) !== 0;
  }

  /** It can serve PASIDs, and the RID of a device that uses PASIDs. */
  get pasid_compatible(): boolean {
    return (this.flags & HWPT_PASID) !== 0;
  }

  /** Joins its IOAS and becomes visible, after `Ioas.checkAddDomain`. */
  publish(id: number, process: Process): void {
    this.context.add(this, id);
    this.fault?.use();
    this.ioas.use();
    this.ioas.addDomain(this, process);
  }

  override destroy(): void {
    this.ioas.removeDomain(this);
    this.ioas.unuse();
    this.fault?.unuse();
  }
}

/**
 * A guest's page table on top of a HWPT_PAGING (HWPT_NESTED).
 *
 * @source struct iommufd_hwpt_nested, drivers/iommu/iommufd/iommufd_private.h (v7.3.4)
 */
export class HwptNested extends IommufdObject {
  readonly type = "HWPT_NESTED";

  constructor(
    context: IommufdContext,
    serial: number,
    /** It translates what comes out of this one, which the vIOMMU names if there is one. */
    readonly parent: HwptPaging,
    readonly viommu: Viommu | undefined,
    readonly flags: number,
    readonly fault: Fault | undefined,
    readonly domain: NestedDomain,
  ) {
    super(context, serial);
  }

  get unit(): IommuUnit {
    return this.parent.unit;
  }

  get pasid_compatible(): boolean {
    return (this.flags & HWPT_PASID) !== 0;
  }

  publish(id: number): void {
    (this.viommu ?? this.parent).use();
    this.fault?.use();
    this.context.add(this, id);
  }

  override destroy(): void {
    this.fault?.unuse();
    (this.viommu ?? this.parent).unuse();
  }
}

export function isHwpt(object: IommufdObject | undefined): object is Hwpt {
  return object !== undefined && HWPT_TYPES.has(object.type);
}

const HWPT_TYPES: ReadonlySet<ObjectType> = new Set(["HWPT_PAGING", "HWPT_NESTED"]);

/** The page table that decides about IOVAs: a nested one hands over to its parent. */
export function pagingOf(hwpt: Hwpt): HwptPaging {
  return hwpt.type === "HWPT_PAGING" ? hwpt : hwpt.parent;
}
