/** What the IOMMU makes of a device's address: page by page, as the attached domain says. */

import { smaller } from "../bigint.js";
import type { Area } from "../iommufd/areas.js";
import type { DmabufBacking } from "../iommufd/backing-dmabuf.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import type { DomainTable } from "../liveupdate/domain-table.js";
import type { RestoredDomain } from "../liveupdate/restored-domain.js";
import type { DmaFault, DmaOutcome, DmaPiece, DmaTarget } from "./target.js";

/** A transfer as the device starts it. */
export interface DmaRequest {
  readonly iova: bigint;
  readonly length_bytes: number;
  /** True when the device writes memory. */
  readonly write: boolean;
}

/** The way of a device to memory. */
export interface DmaPath {
  /** The page table attached for the request's PASID; undefined when the device is blocked. */
  readonly hwpt: HwptPaging | undefined;
  /** An immutable table from the kernel before; it translates in place of `hwpt`. */
  readonly restored: RestoredDomain | undefined;
  /** A guest's own page table comes first: `hwpt` translates what comes out of that. */
  readonly nested: boolean;
  /** A reason why no request of the device gets through, whatever its address. */
  readonly blocked: DmaFault | undefined;
  /** The window of interrupt messages, which is not translated. */
  readonly interrupts: readonly { readonly first: bigint; readonly last: bigint }[];
}

/** Cuts a request into runs of bytes that go to one place each. Costs O(log areas) per run. */
export function translateDma(path: DmaPath, request: DmaRequest): DmaPiece[] {
  const pieces: DmaPiece[] = [];
  const end = request.iova + BigInt(request.length_bytes);
  for (let at = request.iova; at < end; ) {
    const step = stepAt(path, at, end, request.write);
    const last = step.last < end ? step.last : end - 1n;
    pieces.push({
      iova: at,
      length_bytes: Number(last - at) + 1,
      target: step.target,
      hwpt: path.hwpt,
      restored: path.restored,
    });
    at = last + 1n;
  }
  return pieces;
}

/**
 * What a transfer as a whole came to; undefined where a part of it was an interrupt message or went
 * through a guest's own page table.
 */
export function outcomeOf(pieces: readonly DmaPiece[]): DmaOutcome | undefined {
  let faults = 0;
  for (const { target } of pieces) {
    if (target.kind === "interrupt" || target.kind === "guest_table") return undefined;
    if (target.kind === "fault") faults++;
  }
  if (faults === 0) return "ok";
  return faults === pieces.length ? "fault" : "partial";
}

/** The reason of the first piece that faulted. */
export function faultOf(pieces: readonly DmaPiece[]): DmaFault | undefined {
  for (const { target } of pieces) if (target.kind === "fault") return target.reason;
  return undefined;
}

interface Step {
  readonly target: DmaTarget;
  /** The last byte the answer holds for. */
  readonly last: bigint;
}

function fault(reason: DmaFault, last: bigint): Step {
  return { target: { kind: "fault", reason }, last };
}

function stepAt(path: DmaPath, at: bigint, end: bigint, write: boolean): Step {
  if (path.blocked === "bus_master_off") return fault(path.blocked, end - 1n);
  for (const { first, last } of path.interrupts) {
    if (at >= first && at <= last) return { target: { kind: "interrupt" }, last };
    if (at < first && first < end) return stepAt({ ...path, interrupts: [] }, at, first, write);
  }
  const { hwpt, restored } = path;
  if (restored !== undefined && path.blocked === undefined) {
    return restoredAt(restored.table, at, end, write);
  }
  if (path.blocked !== undefined || hwpt === undefined) {
    return fault(path.blocked ?? "blocked", end - 1n);
  }
  if (path.nested) return { target: { kind: "guest_table" }, last: end - 1n };
  const area = hwpt.ioas.areas.find(at);
  if (area === undefined) {
    const next = hwpt.ioas.areas.atOrAfter(at);
    return fault("not_mapped", next === undefined ? end - 1n : next.first - 1n);
  }
  if (write && !area.writable) return fault("not_writable", area.last);
  // First-stage tables have no bit that forbids reading a present page.
  if (!write && !area.readable && !hwpt.unit.reads_through_write_only) {
    return fault("not_readable", area.last);
  }
  return memoryAt(area, at);
}

/** Through a restored table: it names memory of the kernel before, page by page. */
function restoredAt(table: DomainTable, at: bigint, end: bigint, write: boolean): Step {
  const page = table.pageAt(at);
  if (page === undefined) {
    const next = table.runAfter(at);
    return fault("not_mapped", next === undefined ? end - 1n : next.first - 1n);
  }
  const { run, offset, freed_seq } = page;
  if (write && !run.writable) return fault("not_writable", run.last);
  if (!write && !run.readable) return fault("not_readable", run.last);
  const target = {
    kind: "memory",
    object: run.memory,
    offset,
    run: { pinned_seq: table.serialized_seq, object: run.memory },
    freed_seq,
  } as const;
  return { target, last: smaller(run.last, at | PAGE_MASK) };
}

/** The smallest page of x86: no two bytes of one differ in what became of them. */
const PAGE_MASK = 0xfffn;

function memoryAt(area: Area, at: bigint): Step {
  const { backing } = area;
  if (backing.kind === "dmabuf") {
    const { dmabuf, disabled, base } = backing as DmabufBacking;
    if (disabled) return fault("revoked", area.last);
    const target = { kind: "device", dmabuf, offset: base + area.offsetOf(at) } as const;
    return { target, last: area.last };
  }
  const page = backing.machine.page_size;
  const index = area.pageOf(at);
  const run = backing.pins?.find(index);
  if (run === undefined)
    return fault("unknown_pages", at + (page - (area.offsetOf(at) % page)) - 1n);
  const into = area.offsetOf(at) - run.first * page;
  const left = (run.last - run.first + 1n) * page - into;
  const last = at + left - 1n;
  const { object } = run;
  return {
    target: { kind: "memory", object, offset: run.offset + into, run },
    last: last < area.last ? last : area.last,
  };
}
