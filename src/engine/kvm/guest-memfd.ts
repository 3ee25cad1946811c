import { FileObject } from "../file/file-object.js";
import { bootText, type Lineage, lineageText } from "../lineage.js";
import type { Machine } from "../machine.js";
import type { FilePages } from "../memory/file-pages.js";
import type { KvmVm } from "./kvm-vm.js";

export const GUEST_MEMFD_FLAG_MMAP = 1n;
export const GUEST_MEMFD_FLAG_INIT_SHARED = 2n;

/**
 * Memory of a guest that belongs to its VM: a guest_memfd. Pages come with the first touch.
 *
 * @source virt/kvm/guest_memfd.c (v7.3.4)
 */
export class GuestMemfd extends FileObject {
  readonly kind = "guest_memfd";
  /** LUO holds the file: no page can come or go. */
  frozen = false;

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly vm: KvmVm,
    readonly pages: FilePages,
    readonly size_bytes: bigint,
    readonly flags: bigint,
    /** That of the file that was preserved, where it is one that LUO brought back. */
    override readonly lineage: Lineage,
    /** The kernel it is in. */
    readonly epoch: number,
  ) {
    super();
  }

  override describe(): string {
    return lineageText(this.lineage) + bootText(this.epoch);
  }

  /** A page is touched; it comes when it is not there. */
  touch(offset: bigint): void {
    const page = this.pages.pageOf(offset);
    this.pages.fill(page, page);
  }

  /** The page at an offset is there, by all that the trace has shown. */
  hasPage(offset: bigint): boolean {
    const page = this.pages.pageOf(offset);
    return this.pages.present.within(page, page).length > 0;
  }

  override onRelease(machine: Machine): void {
    this.discard(machine);
  }

  /** All pages go back to the page allocator. */
  discard(machine: Machine): void {
    this.pages.free(0n, this.pages.pageOf(this.size_bytes), machine.seq);
  }
}
