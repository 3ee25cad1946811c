import type { FreedPages } from "../../engine/memory/file-pages.js";
import { domainName, liveDomains, type RestoredDomainView } from "../domains.js";
import { rangeText } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import type { MemfdView } from "../subjects.js";
import type { MachineView } from "../view.js";

interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** Pages that a quiet device could still reach. */
interface Waiting {
  readonly domain: RestoredDomainView;
  readonly seq: number;
  readonly range: Range;
  readonly cause: string;
}

export const immPunchRetrievedMemfd = defineRule({
  id: "imm-punch-retrieved-memfd-under-restored-domain",
  family: "immutability",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "Memory that a restored domain maps is not freed before something else pins it.",
  sources: [
    "J. Gunthorpe, 2025-10-02 15:10Z: pins come back only with new mappings",
    "observed on a kernel with the series: a punched page is reused under the device's DMA",
  ],
  messages: {
    punched: "the pages behind {range} of {domain} were {cause} while nothing pins them",
    awake: "the pages behind {range} of {domain} were {cause}, now its device may use them again",
  },

  create(context) {
    let waiting: Waiting[] = [];

    function report(
      message: "punched" | "awake",
      { domain, range, cause, seq: freed }: Waiting,
      seq: number,
    ): void {
      const name = domainName(domain);
      context.report({
        message,
        seq,
        objects: [name],
        cause: freed,
        witness: [domain.table.serialized_seq, freed],
        data: { range: rangeText(range.first, range.last), domain: name, cause },
      });
    }

    return {
      on: {
        memfd_pages_freed({ memfd, freed, cause }, step, view) {
          for (const domain of liveDomains(view)) {
            if (!domain.attached) continue;
            const [range] = dangling(view, domain, memfd, freed);
            if (range === undefined) continue;
            const found = { domain, range, cause, seq: step.event.seq };
            if (isQuiet(view, domain)) waiting.push(found);
            else report("punched", found, step.event.seq);
          }
        },
        bus_master_changed({ enabled }, step, view) {
          if (enabled === false) return;
          const awake = waiting.filter(({ domain }) => !isQuiet(view, domain));
          waiting = waiting.filter((found) => !awake.includes(found));
          for (const found of awake) {
            const { domain } = found;
            if (domain.end === undefined && domain.attached) report("awake", found, step.event.seq);
          }
        },
        kernel_booted() {
          waiting = [];
        },
      },
    };
  },
});

/** IOVAs of the domain whose pages have just been freed, and that no new mapping holds. */
function dangling(
  view: MachineView,
  domain: RestoredDomainView,
  memfd: MemfdView,
  freed: readonly FreedPages[],
): Range[] {
  const found: Range[] = [];
  const { pages } = memfd;
  for (const run of domain.table.runs) {
    if (run.memory !== pages) continue;
    for (const { first_page, last_page } of freed) {
      const from = larger(first_page * pages.page_bytes, run.offset);
      const end = run.offset + (run.last - run.first);
      const to = smaller((last_page + 1n) * pages.page_bytes - 1n, end);
      if (from > to || isPinned(view, memfd, from, to)) continue;
      found.push({ first: run.first + (from - run.offset), last: run.first + (to - run.offset) });
    }
  }
  return found;
}

/** Every page of the range is held by a mapping of this kernel. */
function isPinned(view: MachineView, { pages }: MemfdView, first: bigint, last: bigint): boolean {
  const held: Range[] = [];
  for (const backing of view.pins.holders(pages)) {
    const page = backing.machine.page_size;
    for (const run of backing.pins?.runs(0n, backing.page_count - 1n) ?? []) {
      if (run.object !== pages) continue;
      held.push({ first: run.offset, last: run.offset + (run.last - run.first + 1n) * page - 1n });
    }
  }
  held.sort((a, b) => (a.first < b.first ? -1 : 1));
  let at = first;
  for (const range of held) {
    if (range.first > at) return false;
    if (range.last >= at) at = range.last + 1n;
    if (at > last) return true;
  }
  return false;
}

/** None of its devices may start transactions. */
function isQuiet(view: MachineView, domain: RestoredDomainView): boolean {
  for (const device of view.devices.entries()) {
    if (!domain.devices.has(device.hardware)) continue;
    if (device.bus_master !== false) return false;
  }
  return true;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
