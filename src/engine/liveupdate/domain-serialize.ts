/** Writing down what preserved domains map, when the machine is about to jump. */

import { larger, smaller } from "../bigint.js";
import type { Area } from "../iommufd/areas.js";
import { DmabufBacking } from "../iommufd/backing-dmabuf.js";
import type { PinnedRun } from "../iommufd/pins.js";
import type { Machine } from "../machine.js";
import { FilePages } from "../memory/file-pages.js";
import { DomainTable, type TableRun } from "./domain-table.js";
import { IOMMUFD_HANDLER } from "./iommufd-handler.js";
import type { LuoFile } from "./luo-file.js";
import { MEMFD_HANDLER, type PreservedMemfd } from "./memfd-handler.js";
import type { PreservedDomain, PreservedIommufd } from "./preserved-domain.js";
import { RestoredHwpt } from "./restored-hwpt.js";
import type { LuoSession } from "./session.js";

type Preserved = ReadonlySet<FilePages>;

/**
 * Every preserved domain that has none yet gets its table: which memory each IOVA maps, and whether
 * that memory is handed over too. Costs O(areas).
 */
export function serializeDomains(machine: Machine, sessions: readonly LuoSession[]): void {
  const preserved = new Set<FilePages>();
  for (const { record } of filesOf<PreservedMemfd>(sessions, MEMFD_HANDLER)) {
    preserved.add(record.pages);
  }
  for (const luoFile of filesOf<PreservedIommufd>(sessions, IOMMUFD_HANDLER)) {
    const { session } = luoFile;
    for (const domain of luoFile.record.domains) {
      if (domain.table !== undefined) continue;
      domain.table = new DomainTable(runsOf(domain, preserved), machine.seq);
      machine.emit({ kind: "domain_serialized", domain, session, luo_file: luoFile });
    }
  }
}

/** The files of a handler, over all sessions. */
export function* filesOf<Record>(
  sessions: Iterable<LuoSession>,
  handler: LuoFile["handler"],
): Generator<LuoFile<Record>, undefined> {
  for (const session of sessions) {
    for (const luoFile of session.files.values()) {
      if (luoFile.handler === handler) yield luoFile as unknown as LuoFile<Record>;
    }
  }
}

function runsOf(domain: PreservedDomain, preserved: Preserved): TableRun[] {
  const { hwpt } = domain;
  if (domain.dangling) return [];
  if (hwpt instanceof RestoredHwpt) return handedOn(hwpt.domain.table, preserved);
  const runs: TableRun[] = [];
  for (const area of hwpt.ioas.areas) addArea(runs, area, preserved);
  return runs;
}

/**
 * A restored domain that is preserved again keeps its table; what was freed under it is not its.
 */
function handedOn(table: DomainTable, preserved: Preserved): TableRun[] {
  return table.runs.flatMap((run) => {
    if (!run.preserved || !(run.memory instanceof FilePages)) return [run];
    return cut(run, run.memory, table.serialized_seq, preserved);
  });
}

function addArea(runs: TableRun[], area: Area, preserved: Preserved): void {
  const { backing, readable, writable } = area;
  const rights = { readable, writable };
  if (backing instanceof DmabufBacking) {
    if (backing.disabled) return;
    const memory = { kind: "device", serial: backing.dmabuf.serial } as const;
    const offset = backing.base + area.start;
    // A device's own memory does not belong to a kernel, so no kernel reuses it.
    runs.push({ first: area.first, last: area.last, ...rights, memory, offset, preserved: true });
    return;
  }
  for (const pins of backing.pins?.runs(area.firstPage, area.lastPage) ?? []) {
    const { object: memory, pinned_seq } = pins;
    const run = { ...placeOf(area, pins), ...rights, memory, preserved: false, pinned_seq };
    if (!(pins.object instanceof FilePages)) runs.push(run);
    else runs.push(...cut(run, pins.object, pinned_seq, preserved));
  }
}

/** Where in the area a run of pinned pages lies. */
function placeOf(area: Area, pins: PinnedRun) {
  const page = area.backing.machine.page_size;
  const start = larger(area.start, pins.first * page);
  const end = smaller(area.start + area.length - 1n, (pins.last + 1n) * page - 1n);
  return {
    first: area.first + (start - area.start),
    last: area.first + (end - area.start),
    offset: pins.offset + (start - pins.first * page),
  };
}

/** Cuts a run of file memory where the file has lost the page that the table maps. */
function cut(run: TableRun, pages: FilePages, since: number, preserved: Preserved): TableRun[] {
  const runs: TableRun[] = [];
  const end = run.offset + (run.last - run.first);
  const piece = (from: bigint, to: bigint, freed_seq?: number): void => {
    if (from > to) return;
    const first = run.first + (from - run.offset);
    const kept = freed_seq === undefined && preserved.has(pages);
    const place = { first, last: first + (to - from), offset: from, preserved: kept };
    runs.push({ ...run, ...place, ...(freed_seq === undefined ? {} : { freed_seq }) });
  };
  let at = run.offset;
  for (const freed of pages.freedSince(run.offset, end, since)) {
    const first = larger(freed.first_page * pages.page_bytes, at);
    const last = smaller((freed.last_page + 1n) * pages.page_bytes - 1n, end);
    piece(at, first - 1n);
    piece(first, last, freed.freed_seq);
    at = last + 1n;
  }
  piece(at, end);
  return runs;
}
