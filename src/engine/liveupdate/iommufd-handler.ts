import { assert } from "../assert.js";
import { O_RDWR } from "../call/call.js";
import { IommufdContext } from "../iommufd/context.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import type { Lineage } from "../lineage.js";
import type { Machine } from "../machine.js";
import { defineHandler, type Refused } from "./handler.js";
import { checkPreserveIommufd, markedHwpts } from "./iommufd-preserve.js";
import type { LuoFile } from "./luo-file.js";
import { PreservedDomain, type PreservedIommufd } from "./preserved-domain.js";
import { RestoredHwpt } from "./restored-hwpt.js";

/**
 * iommufds: what crosses are the page tables of marked HWPTs. IOAS, ids, unmarked and nested HWPTs
 * do not: the next kernel gives out an empty iommufd, and the tables as immutable domains.
 *
 * @source drivers/iommu/iommufd/liveupdate.c (IOMMU live update v5, restore side of RFC v2)
 */
export const IOMMUFD_HANDLER = defineHandler<PreservedIommufd>({
  compatible: "iommufd-v1",
  source: "IOMMU live update v5 (2026-09-21), RFC v2 (2025-12-02)",

  canPreserve(machine, file) {
    return machine.profile.preserve.iommufd_and_vfio && file.object instanceof IommufdContext;
  },

  identity(file) {
    return file;
  },

  checkPreserve: checkPreserveIommufd,

  preserve({ machine, file }) {
    const domains = markedHwpts(contextOf(file.object)).map((hwpt) => preserveHwpt(machine, hwpt));
    return { domains };
  },

  unpreserve(machine, luoFile) {
    for (const domain of luoFile.record.domains) unpreserveHwpt(machine, domain);
  },

  checkFreeze() {
    return undefined;
  },

  // The tables are written down when every file is frozen: see domain-serialize.ts.
  freeze() {},

  unfreeze() {},

  checkRetrieve(machine) {
    const errno = machine.profile.restore.retrieve_iommufd;
    if (errno === undefined) return undefined;
    return { errno, why: "this kernel cannot give an iommufd back" };
  },

  retrieve(machine, luoFile) {
    const { lineage } = contextOf(luoFile.source.object);
    const context = new IommufdContext(machine, machine.newSerial(), "/dev/iommu", lineage);
    context.retrieved_as = luoFile;
    return machine.newFile(context, O_RDWR);
  },

  checkFinish: checkFinishIommufd,

  /** The record goes; domains stay as they are, whoever owns them. */
  finish(_machine, luoFile) {
    const context = luoFile.file?.object;
    if (context instanceof IommufdContext) context.retrieved_as = undefined;
  },
});

function preserveHwpt(machine: Machine, hwpt: HwptPaging): PreservedDomain {
  const uid = hwpt instanceof RestoredHwpt ? hwpt.domain.uid : hwpt.serial;
  const token = hwpt.mark_token ?? 0n;
  const domain = new PreservedDomain(uid, hwpt, token, lineageOf(machine, hwpt, token));
  hwpt.preserved_as = domain;
  hwpt.ioas.freeze();
  // The record holds the HWPT: DESTROY finds it in use.
  if (machine.profile.immutable.destroy_preserved_hwpt !== undefined) hwpt.use();
  machine.emit({ kind: "hwpt_preserved", hwpt, domain });
  return domain;
}

/** A page table that came from another kernel, or was preserved before, stays what it is. */
function lineageOf(machine: Machine, hwpt: HwptPaging, token: bigint): Lineage {
  const name = `0x${token.toString(16)}`;
  const isKnown = hwpt instanceof RestoredHwpt || hwpt.lineage?.name === name;
  if (hwpt.lineage !== undefined && isKnown) return hwpt.lineage;
  const within = String(hwpt.context.lineage.number);
  hwpt.lineage = machine.lineages.start("hwpt", name, within);
  return hwpt.lineage;
}

function unpreserveHwpt(machine: Machine, domain: PreservedDomain): void {
  const { hwpt } = domain;
  hwpt.preserved_as = undefined;
  hwpt.ioas.thaw();
  if (machine.profile.immutable.destroy_preserved_hwpt !== undefined) hwpt.unuse();
  machine.emit({ kind: "hwpt_unpreserved", hwpt, domain });
}

/**
 * Not before the iommufd was retrieved, every HWPT was asked for by its token, and none of their
 * domains translates for a device any more.
 */
function checkFinishIommufd(
  { profile }: Machine,
  { state, record }: LuoFile<PreservedIommufd>,
): Refused | undefined {
  const { with_live_domain, with_unrestored_hwpt } = profile.finish;
  if (with_live_domain !== undefined && state !== "retrieved") {
    return { errno: with_live_domain, why: "an iommufd was not retrieved" };
  }
  for (const domain of record.domains) {
    if (with_unrestored_hwpt !== undefined && !domain.reclaimed) {
      return { errno: with_unrestored_hwpt, why: `token ${domain.token} was never restored` };
    }
    if (with_live_domain !== undefined && domain.restored?.attached === true) {
      return { errno: with_live_domain, why: `the domain of token ${domain.token} is attached` };
    }
  }
  return undefined;
}

function contextOf(object: object): IommufdContext {
  assert(object instanceof IommufdContext, "the iommufd handler gets iommufds");
  return object;
}
