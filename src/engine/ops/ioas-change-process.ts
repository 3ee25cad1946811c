import { IOMMU_IOAS_CHANGE_PROCESS } from "../abi/iommufd-ioas.js";
import type { Errno } from "../errno.js";
import { type Accounting, type Backing, type BackingOwner, ownerOf } from "../iommufd/backing.js";
import type { IommufdContext } from "../iommufd/context.js";
import { Ioas } from "../iommufd/ioas.js";
import { contextOf } from "../iommufd/operation.js";
import type { Machine } from "../machine.js";
import { defineOp } from "./define.js";

/**
 * IOMMU_IOAS_CHANGE_PROCESS: all mappings of the context belong to the caller from now on. Only
 * file mappings can move. The caller is charged before the old owners are credited.
 */
export const ioasChangeProcess = defineOp({
  layout: IOMMU_IOAS_CHANGE_PROCESS,
  source: "iommufd_ioas_change_process, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    if (call.args.__reserved !== 0) return call.reject("EOPNOTSUPP", "__reserved must be 0");
    const context = contextOf(call);
    const backings = backingsOf(context);
    if ([...backings].some((backing) => backing.kind !== "file")) {
      return call.reject("EINVAL", "a mapping is not of a file");
    }
    const owner = ownerOf(call.process);
    const errno = checkCharge(backings, owner, call.machine);
    if (errno !== undefined) return call.reject(errno, "the caller may not lock that much memory");
    if (!call.accept()) return;
    for (const backing of backings) backing.changeOwner(owner);
    call.machine.emit({ kind: "mappings_changed_owner", context, owner });
  },
});

function backingsOf(context: IommufdContext): Set<Backing> {
  const backings = new Set<Backing>();
  for (const object of context.objects()) {
    if (!(object instanceof Ioas)) continue;
    for (const area of object.areas) backings.add(area.backing);
  }
  return backings;
}

function checkCharge(
  backings: ReadonlySet<Backing>,
  owner: BackingOwner,
  machine: Machine,
): Errno | undefined {
  for (const accounting of ["user", "mm"] satisfies Accounting[]) {
    let pages = 0n;
    for (const backing of backings) {
      if (backing.accounting !== accounting || !changesPayer(backing, owner)) continue;
      pages += backing.pinned_pages;
    }
    const errno = machine.locked.check(accounting, owner, Number(pages), machine);
    if (errno !== undefined) return errno;
  }
  return undefined;
}

function changesPayer({ accounting, owner: old }: Backing, owner: BackingOwner): boolean {
  return old.mm !== owner.mm || (accounting === "user" && old.uid !== owner.uid);
}
