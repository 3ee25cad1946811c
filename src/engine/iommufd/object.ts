import { assert } from "../assert.js";
import { bootText, type Lineage, lineageText, objectPart } from "../lineage.js";
import type { IommufdContext } from "./context.js";

/** Object types of one iommufd context (iommufd.md 2.1; enum iommufd_object_type). */
export type ObjectType =
  | "DEVICE"
  | "HWPT_PAGING"
  | "HWPT_NESTED"
  | "IOAS"
  | "ACCESS"
  | "FAULT"
  | "VIOMMU"
  | "VDEVICE"
  | "VEVENTQ"
  | "HW_QUEUE"
  | "SELFTEST";

/**
 * One object of an iommufd context. `users` starts at 1, the context's own reference; DESTROY works
 * only when it is 1 again.
 */
export abstract class IommufdObject {
  abstract readonly type: ObjectType;
  /** 0 until the object is published in its context. */
  id = 0;
  /** Which page table it is, across kernels; set once its iommufd is preserved with it. */
  lineage: Lineage | undefined;
  private _users = 1;

  constructor(
    readonly context: IommufdContext,
    /** Unique in the whole trace. */
    readonly serial: number,
  ) {}

  /** `vm7/iommufd#1/hwpt:3`; see lineage.ts. */
  describe(): string {
    const { lineage, epoch } = this.context;
    return `${lineageText(lineage)}/${objectPart(this)}${bootText(epoch)}`;
  }

  get users(): number {
    return this._users;
  }

  use(count = 1): void {
    this._users += count;
  }

  unuse(count = 1): void {
    this._users -= count;
    assert(this._users >= 1, `${this.type} ${this.id} lost more users than it had`);
  }

  /** What DESTROY and the context's end do to the object, after its id is gone. */
  abstract destroy(): void;
}
