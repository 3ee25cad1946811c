import { larger, smaller } from "../../engine/bigint.js";
import type { FilePages, FreedPages } from "../../engine/memory/file-pages.js";
import { domainName, liveDomains, type RestoredDomainView } from "../domains.js";
import { type ByteRange, unheldParts } from "../held-pages.js";
import { rangeText } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import type { MemfdView } from "../subjects.js";
import type { MachineView, StepView, View } from "../view.js";

/** So many pieces of memory that only a mapping holds are followed. */
const HELD_MAX = 1000;

/** IOVAs of a domain whose pages left their file. */
interface Freed {
  readonly domain: RestoredDomainView;
  readonly memory: View<FilePages>;
  /** Where in the file. */
  readonly bytes: ByteRange;
  /** What IOVA is the file's first byte, by the table of the domain. */
  readonly base: bigint;
  readonly seq: number;
  readonly cause: string;
}

type Message = "punched" | "let_go" | "awake";

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
    let_go: "the pages behind {range} of {domain} were {cause}, now nothing pins them any more",
    awake: "the pages behind {range} of {domain} were {cause}, now its device may use them again",
  },

  create(context) {
    /** A device that is quiet could reach them once it is not. */
    let waiting: Freed[] = [];
    /** A mapping of this kernel still holds them. */
    let held: Freed[] = [];

    function report(message: Message, freed: Freed, seq: number): void {
      const { domain, bytes, base, cause } = freed;
      const name = domainName(domain);
      context.report({
        message,
        seq,
        objects: [name],
        cause: freed.seq,
        witness: [domain.table.serialized_seq, freed.seq],
        data: { range: rangeText(base + bytes.first, base + bytes.last), domain: name, cause },
      });
    }

    /** Sorts what was freed into what is lost, what is held and what waits. */
    function judge(freed: Freed, message: Message, view: MachineView, seq: number): void {
      const parts = unheldParts(view, freed.memory, freed.bytes, freed.seq);
      const [lost] = parts;
      const isWhole = lost?.first === freed.bytes.first && lost.last === freed.bytes.last;
      if (!isWhole && held.length < HELD_MAX) held.push(freed);
      if (lost === undefined) return;
      const found = { ...freed, bytes: lost };
      if (isQuiet(view, freed.domain)) waiting.push(found);
      else report(message, found, seq);
    }

    /** Something may have let go of pages that it held alone. */
    function lookAgain(_: unknown, step: StepView, view: MachineView): void {
      if (held.length === 0) return;
      const before = held.filter(({ domain }) => isInUse(domain));
      held = [];
      for (const freed of before) judge(freed, "let_go", view, step.event.seq);
    }

    return {
      routine: { unmap: () => held.length === 0 },
      on: {
        memfd_pages_freed({ memfd, freed, cause }, step, view) {
          const { seq } = step.event;
          for (const domain of liveDomains(view)) {
            if (!domain.attached) continue;
            for (const range of mappedParts(domain, memfd, freed)) {
              judge({ domain, memory: memfd.pages, ...range, seq, cause }, "punched", view, seq);
            }
          }
        },
        area_removed: lookAgain,
        access_unpinned: lookAgain,
        domain_removed: lookAgain,
        object_destroyed: lookAgain,
        bus_master_changed({ enabled }, step, view) {
          if (enabled === false) return;
          const awake = waiting.filter(({ domain }) => !isQuiet(view, domain));
          waiting = waiting.filter((found) => !awake.includes(found));
          for (const found of awake) {
            if (isInUse(found.domain)) report("awake", found, step.event.seq);
          }
        },
        kernel_booted() {
          waiting = [];
          held = [];
        },
      },
    };
  },
});

/** The parts of freed pages that the domain maps. */
function mappedParts(
  domain: RestoredDomainView,
  { pages }: MemfdView,
  freed: readonly FreedPages[],
): Pick<Freed, "bytes" | "base">[] {
  const found: Pick<Freed, "bytes" | "base">[] = [];
  for (const run of domain.table.runs) {
    if (run.memory !== pages) continue;
    for (const { first_page, last_page } of freed) {
      const first = larger(first_page * pages.page_bytes, run.offset);
      const end = run.offset + (run.last - run.first);
      const last = smaller((last_page + 1n) * pages.page_bytes - 1n, end);
      if (first > last) continue;
      found.push({ bytes: { first, last }, base: run.first - run.offset });
    }
  }
  return found;
}

function isInUse(domain: RestoredDomainView): boolean {
  return domain.end === undefined && domain.attached;
}

/** None of its devices may start transactions. */
function isQuiet(view: MachineView, domain: RestoredDomainView): boolean {
  for (const device of view.devices.entries()) {
    if (!domain.devices.has(device.hardware)) continue;
    if (device.bus_master !== false) return false;
  }
  return true;
}
