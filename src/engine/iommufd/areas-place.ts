/** Where new areas go, and whether they can be made: the common part of MAP, MAP_FILE and COPY. */

import type { Errno } from "../errno.js";
import type { Process } from "../process/process.js";
import { U64_MAX } from "../u64.js";
import type { AreaPiece } from "./areas.js";
import { chooseIova } from "./auto-iova.js";
import { checkPins, type PinRequest } from "./backing-account.js";
import type { Ioas } from "./ioas.js";

/** A check that failed, and which one. */
export interface Refusal {
  readonly errno: Errno;
  readonly why: string;
}

/** Areas a call wants to add: one per piece, side by side. */
export interface Placement {
  readonly pieces: readonly AreaPiece[];
  readonly length: bigint;
  /** The IOVA the caller asks for; undefined leaves the choice to the kernel. */
  readonly fixed_iova: bigint | undefined;
  /** User address or file offset of the first byte; steers the kernel's choice. */
  readonly address: bigint;
}

/**
 * The IOVA of the new areas, or why they cannot be: alignment and place first, then every piece,
 * then the pages, where the IOAS has a domain.
 *
 * @source iopt_map_pages, iopt_alloc_area_pages, drivers/iommu/iommufd/io_pagetable.c (v7.3.4)
 */
export function placeAreas(
  ioas: Ioas,
  wanted: Placement,
  caller: Process,
): { iova: bigint } | Refusal {
  const alignment = ioas.iova_alignment;
  if (wanted.length % alignment !== 0n) {
    return refuse("EINVAL", `length is not a multiple of the IOVA alignment ${alignment}`);
  }
  const iova = wanted.fixed_iova ?? chooseIova(ioas, wanted.address, wanted.length);
  if (typeof iova === "string") return refuse(iova, "no IOVA suits");
  if (wanted.fixed_iova !== undefined) {
    const refusal = checkFixed(ioas, wanted.fixed_iova, wanted.length);
    if (refusal !== undefined) return refusal;
  }
  const frozen = ioas.frozen
    ? ioas.context.machine.profile.immutable.change_preserved_ioas
    : undefined;
  if (frozen !== undefined) return refuse(frozen, "the IOAS belongs to a preserved HWPT");
  for (const piece of wanted.pieces) {
    if (piece.writable && !piece.backing.writable) {
      return refuse("EPERM", "the memory was not mapped writable");
    }
    if ((piece.start % ioas.page_size) % alignment !== 0n) {
      return refuse("EINVAL", "the offset in the page is not aligned");
    }
  }
  if (ioas.domains.length > 0) {
    const errno = checkPins(wanted.pieces.map(pinRequest), caller, ioas.context.machine);
    if (errno !== undefined) return refuse(errno, "the pages cannot be pinned and mapped");
  }
  return { iova };
}

/** @source iopt_check_iova, drivers/iommu/iommufd/io_pagetable.c (v7.3.4) */
function checkFixed(ioas: Ioas, iova: bigint, length: bigint): Refusal | undefined {
  if (iova % ioas.iova_alignment !== 0n) return refuse("EINVAL", "the IOVA is not aligned");
  const last = iova + length - 1n;
  if (last > U64_MAX) return refuse("EOVERFLOW", "the range ends behind the address space");
  if (ioas.reserved.meets(iova, last)) return refuse("EINVAL", "the range meets a reserved one");
  if (ioas.areas.meets(iova, last)) return refuse("EEXIST", "the range meets an area");
  return undefined;
}

function pinRequest({ backing, start, length, readable, writable }: AreaPiece): PinRequest {
  const { page_size } = backing.machine;
  const last = (start + length - 1n) / page_size;
  return { backing, first: start / page_size, last, readable, writable };
}

function refuse(errno: Errno, why: string): Refusal {
  return { errno, why };
}
