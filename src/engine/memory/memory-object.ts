import type { OpenFile } from "../file/open-file.js";
import type { SparseBytes } from "./sparse-bytes.js";

/** What a page of memory belongs to. Two addresses with equal object and offset are one page. */
export interface MemoryObject {
  /**
   * private: memory of one address space; shared: anonymous memory that fork shares; file: pages of
   * a memfd or tmpfs file (`FilePages`); device: what a device file maps, such as a BAR.
   */
  readonly kind: "private" | "shared" | "file" | "device";
  /** Unique in the whole trace. */
  readonly serial: number;
  /** The mapped file, where the memory is not more than that file: a device, an unknown file. */
  readonly file?: OpenFile | undefined;
  /** MAP_HUGETLB or a hugetlb memfd: huge page size in bytes. */
  readonly huge_bytes?: bigint | undefined;
  /** What the memory holds, where somebody keeps account of it. */
  readonly contents?: SparseBytes | undefined;
}
