import type { Errno } from "../errno.js";
import type { Process } from "../process/process.js";
import type { Access } from "./access.js";
import type { HwptPaging } from "./hwpt.js";
import { IommufdObject } from "./object.js";

/** Who holds a reservation: a domain's aperture, a device's reserved regions, the selftest. */
export type ReservationOwner = object;

/**
 * An I/O address space: areas, reserved and allowed ranges, the domains that translate it and the
 * accesses attached to it (iommufd.md 3).
 *
 * Every operation that can fail comes as a pair: `check…` answers with an errno and changes
 * nothing, the operation itself assumes that the check passed.
 */
export class Ioas extends IommufdObject {
  readonly type = "IOAS";

  // SKELETON: signatures that the other rooms rely on.
  /** A range may be reserved when it meets no area and no allowed range. */
  canReserve(_first: bigint, _last: bigint): boolean {
    throw new Error("not written yet");
  }
  reserve(_first: bigint, _last: bigint, _owner: ReservationOwner): void {
    throw new Error("not written yet");
  }
  releaseReservations(_owner: ReservationOwner): void {
    throw new Error("not written yet");
  }

  /**
   * Adding a domain: alignment (EINVAL, EADDRINUSE), aperture (EADDRINUSE), then every area is
   * pinned and mapped by the calling process (EFAULT, ENOMEM, EINVAL, EOVERFLOW).
   */
  checkAddDomain(_hwpt: HwptPaging, _process: Process): Errno | undefined {
    throw new Error("not written yet");
  }
  addDomain(_hwpt: HwptPaging, _process: Process): void {
    throw new Error("not written yet");
  }
  removeDomain(_hwpt: HwptPaging): void {
    throw new Error("not written yet");
  }
  /** Domains in the order in which they were added. */
  get domains(): readonly HwptPaging[] {
    throw new Error("not written yet");
  }

  /** EADDRINUSE when the access' alignment (1 or the page size) does not fit the areas. */
  checkAddAccess(_access: Access): Errno | undefined {
    throw new Error("not written yet");
  }
  addAccess(_access: Access): void {
    throw new Error("not written yet");
  }
  removeAccess(_access: Access): void {
    throw new Error("not written yet");
  }

  override destroy(): void {
    throw new Error("not written yet");
  }
}
