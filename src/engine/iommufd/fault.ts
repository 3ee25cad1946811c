import { encodeStruct } from "../abi/layout.js";
import { iommu_hwpt_pgfault } from "../abi/nested.js";
import type { Errno } from "../errno.js";
import type { AttachHandle } from "./iommu-group.js";
import { IommufdObject } from "./object.js";

const FLAG_PASID_VALID = 1;
const FLAG_LAST_PAGE = 2;
const RECORD_BYTES = iommu_hwpt_pgfault.length_bytes;

/** A page request of a device. */
export interface PageRequest {
  readonly pasid: number | undefined;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
}

/** A page request on its way to user space and back. */
export interface FaultGroup {
  /** The attachment it came through; when that goes, so does the request. */
  readonly handle: AttachHandle;
  readonly request: PageRequest;
}

/** Requests a read would deliver, each with the cookie it gets. */
export interface FaultDelivery {
  readonly bytes: Uint8Array;
  readonly cookies: readonly number[];
}

/**
 * A fault queue: page requests of attached devices wait here until they are read, then until they
 * are answered by their cookie.
 *
 * @source struct iommufd_fault, drivers/iommu/iommufd/eventq.c (v7.3.4)
 */
export class Fault extends IommufdObject {
  readonly type = "FAULT";
  private _waiting: FaultGroup[] = [];
  private readonly _unanswered = new Map<number, FaultGroup>();

  /** Requests nobody has read yet, oldest first. */
  get waiting(): readonly FaultGroup[] {
    return this._waiting;
  }

  /** Requests that were read and not answered, by cookie. */
  get unanswered(): ReadonlyMap<number, FaultGroup> {
    return this._unanswered;
  }

  /** A device asks for a page. */
  report(group: FaultGroup): void {
    this._waiting.push(group);
    this.context.machine.emit({ kind: "fault_queued", fault: this, group });
  }

  /** An attachment ended: its requests are answered INVALID by the kernel. */
  drop(handle: AttachHandle): void {
    this._waiting = this._waiting.filter((group) => group.handle !== handle);
    for (const [cookie, group] of this._unanswered) {
      if (group.handle === handle) this._unanswered.delete(cookie);
    }
  }

  /**
   * What a read of `count` bytes delivers: whole requests, oldest first, as many as fit. EINVAL
   * when not even the first fits. An empty queue gives no bytes; reading never waits.
   */
  planRead(count: bigint): FaultDelivery | Errno {
    const fitting = Number(count / BigInt(RECORD_BYTES));
    const groups = this._waiting.slice(0, fitting);
    if (groups.length === 0 && this._waiting.length > 0) return "EINVAL";
    const cookies = this.freeCookies(groups.length);
    const bytes = new Uint8Array(groups.length * RECORD_BYTES);
    groups.forEach((group, index) => {
      bytes.set(recordOf(group, cookies[index] ?? 0), index * RECORD_BYTES);
    });
    return { bytes, cookies };
  }

  deliver({ cookies }: FaultDelivery): void {
    for (const cookie of cookies) {
      const group = this._waiting.shift();
      if (group !== undefined) this._unanswered.set(cookie, group);
    }
  }

  /** User space answered; false for a cookie nobody waits for. */
  answer(cookie: number): boolean {
    return this._unanswered.delete(cookie);
  }

  override destroy(): void {
    this._waiting = [];
    this._unanswered.clear();
  }

  /** Cookies count from 1; each request gets the lowest that is free. */
  private freeCookies(count: number): number[] {
    const cookies: number[] = [];
    for (let cookie = 1; cookies.length < count; cookie++) {
      if (!this._unanswered.has(cookie)) cookies.push(cookie);
    }
    return cookies;
  }
}

function recordOf({ handle, request }: FaultGroup, cookie: number): Uint8Array {
  const { pasid, grpid, perm, addr } = request;
  const flags = FLAG_LAST_PAGE | (pasid === undefined ? 0 : FLAG_PASID_VALID);
  const dev_id = handle.device.id;
  const values = { flags, dev_id, pasid: pasid ?? 0, grpid, perm, addr, length: 0, cookie };
  return encodeStruct(iommu_hwpt_pgfault, values, RECORD_BYTES);
}
