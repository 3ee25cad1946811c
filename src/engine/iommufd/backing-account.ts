/** RLIMIT_MEMLOCK: who is charged for pinned pages, and when the limit says no (iommufd.md 3.2). */

import type { Errno } from "../errno.js";
import type { Machine } from "../machine.js";
import type { AddressSpace } from "../memory/address-space.js";
import type { Process } from "../process/process.js";
import { type Ranged, RangeTree } from "./areas-tree.js";
import type { Accounting, Backing, BackingOwner } from "./backing.js";
import { countPages } from "./backing.js";
import type { AccountMode } from "./context.js";

/** How memory is charged that `process` maps now, in a context of this mode. */
export function accountingFor(process: Process, mode: AccountMode): Accounting {
  return process.hasCapability("CAP_IPC_LOCK") ? "none" : mode;
}

/**
 * Locked pages of the machine, by user and by address space. The limit keeps the sums below the
 * 2^52 pages that a 64-bit space has, so that plain numbers hold them.
 */
export class LockedPages {
  private readonly byUid = new Map<number, number>();
  private readonly byMm = new Map<AddressSpace, number>();

  /** Adds pages to the account of the owner; negative to take them back. */
  charge(accounting: Accounting, owner: BackingOwner, pages: number): void {
    if (accounting === "none" || pages === 0) return;
    if (accounting === "user") addTo(this.byUid, owner.uid, pages);
    else addTo(this.byMm, owner.mm, pages);
  }

  /** ENOMEM above the limit of the owner's process; EINVAL when the memory to charge is gone. */
  check(
    accounting: Accounting,
    owner: BackingOwner,
    pages: number,
    machine: Machine,
  ): Errno | undefined {
    if (accounting === "none" || pages === 0) return undefined;
    if (accounting === "mm" && !owner.mm.alive) return "EINVAL";
    const used = accounting === "user" ? this.byUid.get(owner.uid) : this.byMm.get(owner.mm);
    const limit = Number(owner.process.rlimit_memlock / machine.page_size);
    return (used ?? 0) + pages > limit ? "ENOMEM" : undefined;
  }
}

function addTo<K>(counts: Map<K, number>, key: K, pages: number): void {
  const sum = (counts.get(key) ?? 0) + pages;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}

/** Pages of a backing object that a call wants to pin. */
export interface PinRequest {
  readonly backing: Backing;
  readonly first: bigint;
  readonly last: bigint;
  /** Pages without a right cannot be put into a page table. */
  readonly readable: boolean;
  readonly writable: boolean;
}

/**
 * Whether one call can pin and map all of these, in this order. Per request: the pages (EFAULT,
 * EOVERFLOW, EINVAL), then the page table (EINVAL without R and W), then the limit (ENOMEM).
 */
export function checkPins(
  requests: Iterable<PinRequest>,
  caller: Process,
  machine: Machine,
): Errno | undefined {
  const budget = new PinBudget(machine);
  for (const request of requests) {
    const { backing, first, last } = request;
    if (backing.pinnable) {
      for (const gap of backing.unpinned(first, last)) {
        const errno = backing.checkPin(gap.first, gap.last, caller);
        if (errno !== undefined) return errno;
      }
    }
    if (!request.readable && !request.writable) return "EINVAL";
    const errno = budget.spend(request);
    if (errno !== undefined) return errno;
  }
  return undefined;
}

/** What one call has pinned so far, counted before anything is done. */
class PinBudget {
  private pending: Map<Backing, RangeTree<Ranged>> | undefined;
  private pages: Map<number | AddressSpace, number> | undefined;

  constructor(readonly machine: Machine) {}

  spend({ backing, first, last }: PinRequest): Errno | undefined {
    const { accounting, owner } = backing;
    if (accounting === "none" || !backing.pinnable) return undefined;
    this.pending ??= new Map();
    this.pages ??= new Map();
    const pending = this.pending.get(backing) ?? new RangeTree<Ranged>();
    this.pending.set(backing, pending);
    const unpinned = backing.unpinned(first, last);
    const fresh = unpinned.flatMap((gap) => pending.gapsIn(gap.first, gap.last));
    for (const range of fresh) pending.insert(range);
    const payer = accounting === "user" ? owner.uid : owner.mm;
    const pages = (this.pages.get(payer) ?? 0) + Number(countPages(fresh));
    this.pages.set(payer, pages);
    if (fresh.length === 0) return undefined;
    return this.machine.locked.check(accounting, owner, pages, this.machine);
  }
}
