import type { DmabufFile } from "../file/dmabuf-file.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import type { PinnedRun } from "../iommufd/pins.js";
import type { RestoredDomain } from "../liveupdate/restored-domain.js";
import type { MemoryObject } from "../memory/memory-object.js";

/** Why a piece of a transfer does not reach memory. */
export type DmaFault =
  /** The device may not start transactions. */
  | "bus_master_off"
  /** No domain is attached, or a failed replace left the device without one. */
  | "blocked"
  | "not_mapped"
  | "not_readable"
  | "not_writable"
  /** The area is there, but its dma-buf was revoked. */
  | "revoked"
  /** The model lost track of the pages behind the mapping. */
  | "unknown_pages";

/** Where a piece of a transfer goes. */
export type DmaTarget =
  /** Pinned pages of memory: `run` says since when they are pinned. */
  | {
      readonly kind: "memory";
      readonly object: MemoryObject;
      readonly offset: bigint;
      readonly run: Pick<PinnedRun, "object" | "pinned_seq">;
      /** Nothing pins the page, and this event freed it: the bytes go to whoever has it now. */
      readonly freed_seq?: number | undefined;
    }
  /** Another device's BAR, through a dma-buf. */
  | { readonly kind: "device"; readonly dmabuf: DmabufFile; readonly offset: bigint }
  /** An interrupt message: the IOMMU does not translate this window, nothing reaches memory. */
  | { readonly kind: "interrupt" }
  /** Through a guest's own page table, which lies in the guest's memory: nobody here can say. */
  | { readonly kind: "guest_table" }
  | { readonly kind: "fault"; readonly reason: DmaFault };

/** A run of bytes of a transfer that goes to one place. */
export interface DmaPiece {
  readonly iova: bigint;
  readonly length_bytes: number;
  readonly target: DmaTarget;
  /** The page table that translated it. */
  readonly hwpt: HwptPaging | undefined;
  /** The same, where it is one from the kernel before; it may have no HWPT yet. */
  readonly restored: RestoredDomain | undefined;
}

/** What became of a whole transfer. */
export type DmaOutcome = "ok" | "fault" | "partial";
