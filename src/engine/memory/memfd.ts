import { FileObject } from "../file/file-object.js";
import { bootText, type Lineage, lineageText } from "../lineage.js";
import type { Machine } from "../machine.js";
import type { FilePages, FreedPages } from "./file-pages.js";
import { OFFSET_MAX } from "./offset.js";

export const F_SEAL_SEAL = 0x01;
export const F_SEAL_SHRINK = 0x02;
export const F_SEAL_GROW = 0x04;
export const F_SEAL_WRITE = 0x08;
export const F_SEAL_FUTURE_WRITE = 0x10;
export const F_SEAL_EXEC = 0x20;
/** What F_SEAL_EXEC pulls in on a file with execute bits. */
export const F_SEAL_EXEC_IMPLIES = 0x1e;
export const ALL_SEALS = 0x3f;
export const NO_WRITE_SEALS = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

export const S_IFREG = 0o100000;
/** Any execute permission. */
export const MODE_EXECUTE = 0o111;

/**
 * A memfd, or another file on tmpfs: the inode, which several open file descriptions can share
 * (dup does not make one, opening /proc/<pid>/fd/<n> does).
 *
 * @source mm/memfd.c, mm/shmem.c (v7.3.4)
 */
export class Memfd extends FileObject {
  readonly kind = "memfd";
  /** Number of open file descriptions. */
  private opens = 0;
  size_bytes = 0n;
  /**
   * False for a file that was there before the trace began: size, seals and pages are guesses, and
   * nothing is claimed about calls on it.
   */
  isKnown = true;
  seals: number;
  mode: number;
  /** Hard links: 0 for a memfd from the start, for a tmpfs file after unlink. */
  links: number;
  /**
   * LUO holds the file: its size cannot change and pages can neither come nor go. It ends when the
   * session is closed; a retrieved file is not frozen.
   */
  frozen = false;
  /** Bytes of shared mappings that are, or can be made, writable. F_SEAL_WRITE needs none. */
  writable_mapped_bytes = 0n;

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly origin: "memfd" | "hugetlb" | "tmpfs",
    /** Name given to memfd_create, or the path; empty for a file that LUO brought back. */
    readonly name: string,
    readonly pages: FilePages,
    attributes: { readonly seals: number; readonly mode: number; readonly links: number },
    /** That of the file that was preserved, where it is one that LUO brought back. */
    override readonly lineage: Lineage,
    /** The kernel it is in. */
    readonly epoch: number,
  ) {
    super();
    this.seals = attributes.seals;
    this.mode = attributes.mode;
    this.links = attributes.links;
  }

  override describe(): string {
    return lineageText(this.lineage) + bootText(this.epoch);
  }

  hasSeal(seal: number): boolean {
    return (this.seals & seal) !== 0;
  }

  override onOpen(): void {
    this.opens++;
  }

  /** Stores through a mapping are no calls: unless a trace shows them, contents become unknown. */
  override onWritableMapping(machine: Machine, change_bytes: bigint): void {
    this.writable_mapped_bytes += change_bytes;
    this.pages.untracked = this.writable_mapped_bytes > 0n && !machine.cpu_stores_recorded;
  }

  /** The last use of an unlinked file frees its pages. */
  override onRelease(machine: Machine): void {
    this.opens--;
    if (this.opens === 0 && this.links === 0) this.free(machine, 0n, OFFSET_MAX, "released");
  }

  /** Takes its last name away. */
  unlink(machine: Machine): void {
    this.links = 0;
    if (this.opens === 0) this.free(machine, 0n, OFFSET_MAX, "released");
  }

  /** Sets the size; pages behind a smaller one are freed, the cut page's tail becomes zero. */
  resize(machine: Machine, size_bytes: bigint): void {
    const old_bytes = this.size_bytes;
    this.size_bytes = size_bytes;
    if (size_bytes !== old_bytes) {
      machine.emit({ kind: "memfd_resized", memfd: this, old_bytes, new_bytes: size_bytes });
    }
    if (size_bytes <= old_bytes) this.free(machine, size_bytes, OFFSET_MAX, "truncated");
  }

  /** Frees the whole pages in the range and clears the rest of it. The size stays. */
  punch(machine: Machine, offset: bigint, length: bigint): void {
    this.free(machine, offset, offset + length - 1n, "punched");
  }

  addSeals(machine: Machine, seals: number): void {
    const old_seals = this.seals;
    this.seals |= seals;
    if (this.seals === old_seals) return;
    machine.emit({ kind: "memfd_sealed", memfd: this, old_seals, new_seals: this.seals });
  }

  /** Every page exists and counts as data: what PRESERVE_FD does to the file. */
  populate(): void {
    if (this.size_bytes === 0n) return;
    this.pages.fill(0n, this.pages.pageOf(this.size_bytes - 1n));
  }

  /** After a kexec nobody asked for the file: its pages go to the page allocator. */
  discard(machine: Machine): void {
    this.free(machine, 0n, OFFSET_MAX, "discarded");
  }

  private free(
    machine: Machine,
    first: bigint,
    last: bigint,
    cause: "punched" | "truncated" | "released" | "discarded",
  ): void {
    const { pages } = this;
    const unit = pages.page_bytes;
    if (first === 0n && last === OFFSET_MAX) pages.contents.reset();
    else pages.contents.clear(first, last);
    const firstWhole = (first + unit - 1n) / unit;
    const lastWhole = (last + 1n) / unit - 1n;
    if (lastWhole < firstWhole) return;
    const freed: readonly FreedPages[] = pages.free(firstWhole, lastWhole, machine.seq);
    if (freed.length > 0) machine.emit({ kind: "memfd_pages_freed", memfd: this, freed, cause });
  }
}
