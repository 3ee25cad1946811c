import { assert } from "../assert.js";
import { O_RDWR } from "../call/call.js";
import type { FilePages } from "../memory/file-pages.js";
import { F_SEAL_EXEC, F_SEAL_EXEC_IMPLIES, Memfd, S_IFREG } from "../memory/memfd.js";
import { defineHandler } from "./handler.js";

/** What the next kernel gets to know about a memfd. */
export interface PreservedMemfd {
  /** The file in the kernel that preserved it. */
  readonly memfd: Memfd;
  readonly pages: FilePages;
  readonly size_bytes: bigint;
  /** Seals at PRESERVE_FD; later ones are lost. */
  readonly seals: number;
  /** File position at freeze. */
  position: bigint;
}

/** More pages than this do not fit the record. */
const PAGES_MAX = 0xffff_ffffn;
const LAST_PAGE = 1n << 52n;
const ALL_PERMISSIONS = 0o777;

/**
 * Memfds and other unlinked tmpfs files. Pages stay where they are; size and seals are those of
 * PRESERVE_FD, the position that of the freeze. Name, mode and descriptor flags do not cross.
 *
 * @source mm/memfd_luo.c (v7.3.4)
 */
export const MEMFD_HANDLER = defineHandler<PreservedMemfd>({
  compatible: "memfd-v2",
  source: "mm/memfd_luo.c (v7.3.4)",

  canPreserve(_machine, file) {
    const memfd = file.object;
    // hugetlb files are not on tmpfs; a file with a name could be changed through it.
    return memfd instanceof Memfd && memfd.origin !== "hugetlb" && memfd.links === 0;
  },

  identity(file) {
    return file.object;
  },

  checkPreserve({ machine, file }) {
    const memfd = memfdOf(file.object);
    const pages = (memfd.size_bytes + machine.page_size - 1n) / machine.page_size;
    if (pages > PAGES_MAX) return { errno: "EFBIG", why: "the memfd has more than 2^32-1 pages" };
    if (pages * machine.page_size > machine.memory_bytes) {
      return { errno: "ENOMEM", why: "the memfd is larger than the machine's memory" };
    }
    return undefined;
  },

  preserve({ file }) {
    const memfd = memfdOf(file.object);
    memfd.frozen = true;
    memfd.populate();
    return {
      memfd,
      pages: memfd.pages,
      size_bytes: memfd.size_bytes,
      seals: memfd.seals,
      position: file.position,
    };
  },

  unpreserve(_machine, luoFile) {
    luoFile.record.memfd.frozen = false;
  },

  checkFreeze() {
    return undefined;
  },

  freeze(_machine, luoFile) {
    luoFile.record.position = luoFile.source.position;
  },

  unfreeze() {},

  checkRetrieve() {
    return undefined;
  },

  retrieve(machine, luoFile) {
    const { memfd: source, pages, size_bytes, seals, position } = luoFile.record;
    // The new file is executable, and there F_SEAL_EXEC pulls in seals against every change.
    const restored = (seals & F_SEAL_EXEC) !== 0 ? seals | F_SEAL_EXEC_IMPLIES : seals;
    const memfd = new Memfd(
      machine.newSerial(),
      "memfd",
      "",
      pages,
      { seals: restored, mode: S_IFREG | ALL_PERMISSIONS, links: 0 },
      source.lineage,
      machine.epoch,
    );
    memfd.size_bytes = size_bytes;
    // What was allocated behind the end did not cross.
    pages.free((size_bytes + pages.page_bytes - 1n) / pages.page_bytes, LAST_PAGE, machine.seq);
    // The mappings of the kernel before are gone.
    pages.untracked = false;
    // A design may keep it frozen until FINISH, for the domains that still map it.
    memfd.frozen = machine.profile.restore.change_retrieved_memfd !== undefined;
    const file = machine.newFile(memfd, O_RDWR);
    file.position = position;
    return file;
  },

  checkFinish(machine, { state, record }) {
    const errno = machine.profile.finish.with_memfd_in_use;
    if (errno === undefined || state !== "waiting") return undefined;
    if (!machine.restoredDomains.some((domain) => domain.uses(record.pages))) return undefined;
    return { errno, why: "a domain still maps a memfd that was not retrieved" };
  },

  finish(machine, luoFile) {
    const retrieved = luoFile.file?.object;
    if (retrieved instanceof Memfd) retrieved.frozen = false;
    // A file that was never asked for gives its pages back; nothing holds them any more.
    if (luoFile.state === "waiting") luoFile.record.memfd.discard(machine);
  },
});

function memfdOf(object: object): Memfd {
  assert(object instanceof Memfd, "the memfd handler gets memfds");
  return object;
}
