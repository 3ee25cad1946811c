/** IOMMU_IOAS_MAP and IOMMU_IOAS_MAP_FILE at an IOVA that the caller chose. */

import { assert } from "../assert.js";
import type { OpenFile } from "../file/open-file.js";
import { Area } from "../iommufd/areas.js";
import { isFixed, MAP_FLAGS, rightsOf } from "../iommufd/areas-map.js";
import { type Accounting, ownerOf } from "../iommufd/backing.js";
import { accountingFor } from "../iommufd/backing-account.js";
import type { Ioas } from "../iommufd/ioas.js";
import { AreaSource } from "../iommufd/unsettled-areas.js";
import type { Machine } from "../machine.js";
import { Memfd } from "../memory/memfd.js";
import type { Process } from "../process/process.js";
import { findRoute } from "./route.js";
import type { RoutineCall } from "./routine-call.js";

/** Whether the call is routine; it notes in it what `commitMap` needs. Changes nothing. */
export function prepareMap(machine: Machine, call: RoutineCall): boolean {
  const { flags, iova, length, address } = call;
  if ((flags & ~MAP_FLAGS) !== 0 || !isFixed(flags)) return false;
  const { readable, writable } = rightsOf(flags);
  if (!readable && !writable) return false;
  const last = iova + length - 1;
  const address_last = address + length - 1;
  if (length === 0 || last > Number.MAX_SAFE_INTEGER) return false;
  if (address_last > Number.MAX_SAFE_INTEGER) return false;
  const kind = call.kind === "map_file" ? "map_file" : "map";
  if (!findRoute(machine, call, kind)) return false;
  const { process, ioas } = call;
  assert(process !== undefined && ioas !== undefined, "the route was found");
  if (!isFree(ioas, iova, last) || !isAligned(ioas, call)) return false;
  const pinned = ioas.domains.length > 0;
  let file: OpenFile | undefined;
  if (kind === "map_file") {
    file = process.fds.getUsable(call.file_fd);
    const memfd = file?.object;
    if (!(memfd instanceof Memfd)) return false;
    if (pinned && pageEnd(machine, address_last) > memfd.size_bytes) return false;
  } else if (pinned) {
    // Whole pages are pinned, whatever part of them is mapped.
    const first = address - (address % machine.page_bytes);
    if (!isPinnable(process, first, pageEnd(machine, address_last) - 1, writable)) return false;
  }
  const source = sourceOf(machine, process, ioas, file, writable, pinned);
  if (pinned && source.accounting !== "none") {
    const { accounting, owner } = source;
    const pages = source.pagesIn(address, length);
    if (machine.locked.check(accounting, owner, pages, machine) !== undefined) return false;
  }
  call.source = source;
  return true;
}

/** Carries out what `prepareMap` found to be routine. */
export function commitMap(machine: Machine, call: RoutineCall): void {
  const { ioas, source, iova, length, address } = call;
  assert(ioas !== undefined && source !== undefined, "the call was prepared");
  const { readable } = rightsOf(call.flags);
  const serial = machine.newSerial();
  const last = iova + length - 1;
  const area = Area.unsettled(iova, last, readable, source, address, serial, call.seq);
  ioas.areas.insertHere(area, iova, last);
  machine.unsettled.add(area);
}

function isFree(ioas: Ioas, first: number, last: number): boolean {
  if (ioas.reserved.meetsPlain(first, last)) return false;
  return ioas.areas.seek(first) > last;
}

function isAligned(ioas: Ioas, { iova, length, address }: RoutineCall): boolean {
  const alignment = ioas.alignment_bytes;
  return iova % alignment === 0 && length % alignment === 0 && address % alignment === 0;
}

/** The first offset behind the page that holds the byte at `offset`. */
function pageEnd({ page_bytes }: Machine, offset: number): number {
  return offset - (offset % page_bytes) + page_bytes;
}

/** Ordinary memory of one object, with the rights that pinning needs. */
function isPinnable({ mm }: Process, first: number, last: number, write: boolean): boolean {
  const run = mm.runAt(first);
  if (run === undefined || last > run.last || run.of_file || run.kind === "device") return false;
  return run.readable && (run.writable || !write);
}

/** The newest source serves again as long as all its facts are the same. */
function sourceOf(
  machine: Machine,
  process: Process,
  ioas: Ioas,
  file: OpenFile | undefined,
  writable: boolean,
  pinned: boolean,
): AreaSource {
  const owner = ownerOf(process);
  const accounting: Accounting = accountingFor(process, ioas.context.accountMode);
  const seals = file?.object instanceof Memfd ? file.object.seals : undefined;
  const known = ioas.newest_source;
  if (
    known !== undefined &&
    known.owner === owner &&
    known.file === file &&
    known.seals === seals &&
    known.writable === writable &&
    known.pinned === pinned &&
    known.accounting === accounting
  ) {
    return known;
  }
  const source = new AreaSource(machine, file, seals, writable, accounting, owner, pinned);
  ioas.newest_source = source;
  return source;
}
