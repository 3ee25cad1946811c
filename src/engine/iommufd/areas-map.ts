/** The common steps of the calls that add areas: IOAS_MAP, IOAS_MAP_FILE, IOAS_COPY, MAP_DMA. */

import type { StructLayout, StructValues } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { U64_MAX } from "../u64.js";
import type { AreaPiece, AreaRights } from "./areas.js";
import { type Placement, placeAreas } from "./areas-place.js";
import { ownerOf } from "./backing.js";
import { accountingFor } from "./backing-account.js";
import { UserBacking } from "./backing-user.js";
import type { Ioas } from "./ioas.js";
import { commit, contextOf } from "./operation.js";

const FIXED_IOVA = 1;
const WRITEABLE = 2;
const READABLE = 4;
/** All flags that MAP and MAP_FILE know. */
export const MAP_FLAGS = FIXED_IOVA | WRITEABLE | READABLE;

/**
 * Flags and 64-bit values, in the kernel's order: unknown flags EOPNOTSUPP; a value of all ones
 * EOVERFLOW, even an IOVA that is not asked for; neither R nor W EINVAL. False when it rejected.
 */
export function checkMapFlags<L extends StructLayout>(
  call: IoctlCall<L>,
  flags: number,
  values: readonly bigint[],
): boolean {
  if ((flags & ~MAP_FLAGS) !== 0) call.reject("EOPNOTSUPP", "unknown flags");
  else if (values.includes(U64_MAX)) call.reject("EOVERFLOW", "an address or length is all ones");
  else if ((flags & (READABLE | WRITEABLE)) === 0) call.reject("EINVAL", "neither R nor W");
  else return true;
  return false;
}

export function isFixed(flags: number): boolean {
  return (flags & FIXED_IOVA) !== 0;
}

export function rightsOf(flags: number): AreaRights {
  return { readable: (flags & READABLE) !== 0, writable: (flags & WRITEABLE) !== 0 };
}

/**
 * A backing object for memory of the caller, as the piece of a new area. It rejects a range past
 * the end of the space with EOVERFLOW, length 0 and absurd lengths with EINVAL.
 *
 * @source iopt_map_user_pages, iopt_alloc_user_pages, drivers/iommu/iommufd/pages.c (v7.3.4)
 */
export function userPiece<L extends StructLayout>(
  call: IoctlCall<L>,
  address: bigint,
  length: bigint,
  rights: AreaRights,
): AreaPiece | undefined {
  const { machine, process } = call;
  const page = machine.page_size;
  if (address + length > U64_MAX) {
    call.reject("EOVERFLOW", "the memory ends behind the address space");
    return undefined;
  }
  if (length === 0n || length > U64_MAX - page) {
    call.reject("EINVAL", "the length is 0 or absurd");
    return undefined;
  }
  const start = address % page;
  const backing = new UserBacking(
    machine,
    machine.newSerial(),
    address - start,
    (start + length + page - 1n) / page,
    rights.writable,
    accountingFor(process, contextOf(call).accountMode),
    ownerOf(process),
  );
  return { backing, start, length, ...rights };
}

/**
 * Checks the place and the pages of new areas and adds them. They stay even when the answer cannot
 * be written back.
 *
 * @param field The field that takes the IOVA; null where the call writes nothing.
 */
export function placeAndAdd<L extends StructLayout>(
  call: IoctlCall<L>,
  ioas: Ioas,
  wanted: Placement,
  field: string | null,
  more: StructValues = {},
): void {
  const place = placeAreas(ioas, wanted, call.process);
  if ("errno" in place) {
    call.reject(place.errno, place.why);
    const observed = observedIova(call, wanted, field);
    // The kernel mapped it all the same: go on from there.
    if (observed !== undefined && isFree(ioas, observed, wanted)) {
      ioas.addAreas(wanted.pieces, observed);
    }
    return;
  }
  const add = (): StructValues => {
    const observed = observedIova(call, wanted, field) ?? place.iova;
    ioas.addAreas(wanted.pieces, isFree(ioas, observed, wanted) ? observed : place.iova);
    return field === null ? {} : { ...more, [field]: place.iova };
  };
  if (field !== null) commit(call, add);
  else if (call.accept()) add();
}

function observedIova<L extends StructLayout>(
  call: IoctlCall<L>,
  wanted: Placement,
  field: string | null,
): bigint | undefined {
  if (!call.observedSuccess) return undefined;
  const observed = field === null ? wanted.fixed_iova : call.observedField(field);
  return typeof observed === "bigint" ? observed : undefined;
}

function isFree(ioas: Ioas, iova: bigint, { length }: Placement): boolean {
  const last = iova + length - 1n;
  return length > 0n && last <= U64_MAX && !ioas.areas.meets(iova, last);
}
