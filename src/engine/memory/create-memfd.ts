import type { Machine } from "../machine.js";
import { FilePages } from "./file-pages.js";
import { F_SEAL_EXEC, F_SEAL_SEAL, Memfd, S_IFREG } from "./memfd.js";

export const MFD_CLOEXEC = 1;
export const MFD_ALLOW_SEALING = 2;
export const MFD_HUGETLB = 4;
export const MFD_NOEXEC_SEAL = 8;
export const MFD_EXEC = 16;

const HUGE_SHIFT = 26;
const DEFAULT_HUGE_BYTES = 2n << 20n;
const EXECUTABLE_MODE = 0o777;
const PLAIN_MODE = 0o666;

/** Huge page size that flags of memfd_create or mmap ask for, in bytes. */
export function hugePageBytes(flags: number): bigint {
  const shift = (flags >>> HUGE_SHIFT) & 0x3f;
  return shift === 0 ? DEFAULT_HUGE_BYTES : 1n << BigInt(shift);
}

/**
 * A new memfd. Without MFD_ALLOW_SEALING it is sealed against sealing; with MFD_NOEXEC_SEAL it is
 * not executable, sealed against becoming so, and takes further seals.
 *
 * @source alloc_file of memfd_create, mm/memfd.c (v7.3.4)
 */
export function createMemfd(machine: Machine, name: string, flags: number): Memfd {
  const huge_bytes = (flags & MFD_HUGETLB) === 0 ? undefined : hugePageBytes(flags);
  const noexec = (flags & MFD_NOEXEC_SEAL) !== 0;
  const sealable = noexec || (flags & MFD_ALLOW_SEALING) !== 0;
  return new Memfd(
    machine.newSerial(),
    huge_bytes === undefined ? "memfd" : "hugetlb",
    name,
    newFilePages(machine, huge_bytes),
    {
      seals: (sealable ? 0 : F_SEAL_SEAL) | (noexec ? F_SEAL_EXEC : 0),
      mode: S_IFREG | (noexec ? PLAIN_MODE : EXECUTABLE_MODE),
      links: 0,
    },
    machine.lineages.start("memfd", name),
    machine.epoch,
  );
}

/** A new file on tmpfs: no seals but the one against sealing. */
export function createTmpfsFile(
  machine: Machine,
  path: string,
  attributes: { readonly mode: number; readonly links: number },
): Memfd {
  const pages = newFilePages(machine, undefined);
  const { mode, links } = attributes;
  const seals = F_SEAL_SEAL;
  return new Memfd(
    machine.newSerial(),
    "tmpfs",
    path,
    pages,
    { seals, mode: S_IFREG | mode, links },
    machine.lineages.start("file", path),
    machine.epoch,
  );
}

function newFilePages(machine: Machine, huge_bytes: bigint | undefined): FilePages {
  return new FilePages(machine.newSerial(), huge_bytes ?? machine.page_size, huge_bytes);
}
