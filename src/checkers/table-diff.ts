/** Where the mappings of an IOAS differ from a page table that came from the kernel before. */

import type { Area } from "../engine/iommufd/areas.js";
import type { DomainTable, TableRun } from "../engine/liveupdate/domain-table.js";
import type { IoasView } from "./domains.js";
import type { View } from "./view.js";

type TableView = View<DomainTable>;
type RunView = View<TableRun>;
type AreaView = View<Area>;

/** IOVAs the table maps and the IOAS does not, not to the same page, or with fewer rights. */
export interface TableDifference {
  readonly first: bigint;
  readonly last: bigint;
  readonly how: "not_mapped" | "other_page" | "weaker";
  /** Seq of the call that made the old mapping, and of the one that made the new. */
  readonly old_seq: number | undefined;
  readonly new_seq?: number | undefined;
}

/**
 * All differences, ascending. Device memory is left out: it has no page whose identity would tell.
 * So are pages that the file's owner punched out since: whoever does that has given them up.
 * Costs O(runs + areas).
 */
export function* tableDifferences(
  table: TableView,
  ioas: IoasView,
): Generator<TableDifference, undefined> {
  for (const run of table.runs) {
    if (run.memory.kind === "device") continue;
    const { pinned_seq: old_seq } = run;
    let at = run.first;
    for (const area of ioas.areas.overlapping(run.first, run.last)) {
      const first = larger(area.first, run.first);
      const last = smaller(area.last, run.last);
      if (first > at) yield { first: at, last: first - 1n, how: "not_mapped", old_seq };
      yield* partDifferences(run, area, first, last);
      at = last + 1n;
    }
    if (at <= run.last) yield { first: at, last: run.last, how: "not_mapped", old_seq };
  }
}

function* partDifferences(
  run: RunView,
  area: AreaView,
  first: bigint,
  last: bigint,
): Generator<TableDifference, undefined> {
  const { pinned_seq: old_seq } = run;
  if ((run.writable && !area.writable) || (run.readable && !area.readable)) {
    const new_seq = area.backing.pins?.find(area.pageOf(first))?.pinned_seq;
    yield { first, last, how: "weaker", old_seq, new_seq };
    return;
  }
  const page = area.backing.machine.page_size;
  const pins = area.backing.pins;
  if (pins === undefined) return;
  for (const pinned of pins.runs(area.pageOf(first), area.pageOf(last))) {
    // The piece of the area that this run of pinned pages backs, in IOVAs.
    const start = area.first + (pinned.first * page - area.start);
    const end = area.first + ((pinned.last + 1n) * page - area.start) - 1n;
    const from = larger(start, first);
    const to = smaller(end, last);
    const offset = pinned.offset + (from - start);
    const wanted = run.offset + (from - run.first);
    if (pinned.object !== run.memory || offset !== wanted) {
      yield { first: from, last: to, how: "other_page", old_seq, new_seq: pinned.pinned_seq };
    }
  }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
