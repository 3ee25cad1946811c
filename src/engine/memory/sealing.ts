import type { Refused } from "../call/refused.js";
import type { Machine } from "../machine.js";
import {
  ALL_SEALS,
  F_SEAL_EXEC,
  F_SEAL_EXEC_IMPLIES,
  F_SEAL_SEAL,
  F_SEAL_WRITE,
  type Memfd,
  MODE_EXECUTE,
} from "./memfd.js";

/** The seals F_ADD_SEALS really adds: F_SEAL_EXEC on an executable file pulls in others. */
export function impliedSeals(memfd: Memfd, seals: number): number {
  const executable = (memfd.mode & MODE_EXECUTE) !== 0;
  return (seals & F_SEAL_EXEC) !== 0 && executable ? seals | F_SEAL_EXEC_IMPLIES : seals;
}

/**
 * Why F_ADD_SEALS refuses.
 *
 * @source memfd_add_seals, mm/memfd.c (v7.3.4)
 */
export function checkSealing(
  machine: Machine,
  memfd: Memfd,
  seals: bigint,
  writable: boolean,
): Refused | undefined {
  if (seals > 0xffff_ffffn) return { errno: "EINVAL", why: "seals are 32 bits" };
  if (!writable) return { errno: "EPERM", why: "the descriptor is read-only" };
  if ((Number(seals) & ~ALL_SEALS) !== 0) return { errno: "EINVAL", why: "unknown seals" };
  if (memfd.hasSeal(F_SEAL_SEAL)) return { errno: "EPERM", why: "F_SEAL_SEAL" };
  const added = impliedSeals(memfd, Number(seals));
  if ((added & F_SEAL_WRITE) === 0 || memfd.hasSeal(F_SEAL_WRITE)) return undefined;
  if (memfd.writable_mapped_bytes > 0n) {
    return { errno: "EBUSY", why: "a shared mapping is or can become writable" };
  }
  if (isPinned(machine, memfd)) return { errno: "EBUSY", why: "pages are pinned" };
  return undefined;
}

/** LUO and IOMMU mappings hold pages for DMA. An empty file has none to hold. */
function isPinned(machine: Machine, memfd: Memfd): boolean {
  if (memfd.frozen && memfd.pages.present.count > 0n) return true;
  for (const _holder of machine.pins.holders(memfd.pages)) return true;
  return false;
}
