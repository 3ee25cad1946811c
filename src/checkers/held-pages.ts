/** Which pages of a file the mappings of a kernel keep, also after the file let go of them. */

import { larger, smaller } from "../engine/bigint.js";
import type { MemoryObject } from "../engine/memory/memory-object.js";
import type { MachineView, View } from "./view.js";

/** Bytes of a file; both are inside. */
export interface ByteRange {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * The parts of bytes `first..last` whose pages nothing holds that pinned them before event `seq`:
 * what was pinned later is another page.
 */
export function unheldParts(
  view: MachineView,
  memory: View<MemoryObject>,
  { first, last }: ByteRange,
  seq: number,
): ByteRange[] {
  const held: ByteRange[] = [];
  for (const backing of view.pins.holders(memory as MemoryObject)) {
    const page = backing.machine.page_size;
    for (const run of backing.pins?.runs(0n, backing.page_count - 1n) ?? []) {
      if (run.object.serial !== memory.serial || run.pinned_seq >= seq) continue;
      const end = run.offset + (run.last - run.first + 1n) * page - 1n;
      if (end < first || run.offset > last) continue;
      held.push({ first: larger(run.offset, first), last: smaller(end, last) });
    }
  }
  held.sort((a, b) => (a.first < b.first ? -1 : 1));
  const unheld: ByteRange[] = [];
  let at = first;
  for (const range of held) {
    if (range.first > at) unheld.push({ first: at, last: range.first - 1n });
    if (range.last >= at) at = range.last + 1n;
  }
  if (at <= last) unheld.push({ first: at, last });
  return unheld;
}
