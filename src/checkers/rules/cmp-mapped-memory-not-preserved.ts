import type { TableRun } from "../../engine/liveupdate/domain-table.js";
import { type PreservedDomainView, preservedName } from "../domains.js";
import { objectName, rangeText, sessionName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { fileName, fileText } from "../subjects.js";
import type { View } from "../view.js";

type RunView = View<TableRun>;

export const cmpMappedMemoryNotPreserved = defineRule({
  id: "cmp-mapped-memory-not-preserved",
  family: "completeness",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "All memory that a preserved page table maps is preserved too.",
  sources: [
    "IOMMU live update v1, PATCH 11/14 (2026-02-03): only such page tables may be preserved",
    "J. Gunthorpe, 2025-09-30 21:05Z",
  ],
  messages: {
    reachable: "{hwpt} crosses with {devices} and maps {range}: {why}",
    idle: {
      text: "{hwpt} crosses without a device and maps {range}: {why}",
      severity: "warning",
    },
  },

  create(context) {
    return {
      on: {
        domain_serialized({ domain, session, luo_file }, step) {
          if (!isAccounted(domain)) {
            context.unknown("the trace does not show all memory that a crossing page table maps");
          }
          const hwpt = preservedName(domain);
          const devices = [...domain.devices.values()].join(", ");
          for (const lost of lostRuns(domain)) {
            const file = fileBehind(domain, lost);
            const about = [sessionName(session), objectName(domain.hwpt)];
            if (file !== undefined) about.push(fileName(file));
            const common = {
              seq: step.event.seq,
              objects: [hwpt],
              about,
              // One finding for each piece of memory, in each update.
              cause: `${step.event.seq} ${lost.memory.serial} ${lost.freed_seq ?? ""}`,
              witness: [lost.pinned_seq, lost.freed_seq, luo_file.preserved_seq],
            };
            const data = { hwpt, range: rangeText(lost.first, lost.last), why: why(domain, lost) };
            if (devices === "") context.report({ message: "idle", data, ...common });
            else context.report({ message: "reachable", data: { ...data, devices }, ...common });
          }
        },
      },
    };
  },
});

/** The first run of each piece of memory that the next kernel will use for anything. */
function lostRuns({ table }: PreservedDomainView): RunView[] {
  const found = new Map<string, RunView>();
  for (const run of table?.runs ?? []) {
    if (run.preserved || isBar(run)) continue;
    const key = `${run.memory.serial} ${run.freed_seq}`;
    if (!found.has(key)) found.set(key, run);
  }
  return [...found.values()];
}

/** A device's own memory belongs to no kernel; a mapped file that is no memfd does. */
function isBar({ memory }: RunView): boolean {
  return memory.kind === "device" && memory.file === undefined;
}

/** The model knows the page behind every mapped byte; revoked dma-bufs have none. */
function isAccounted({ hwpt, table, dangling }: PreservedDomainView): boolean {
  if (dangling || hwpt.origin === "restored") return true;
  let missing = 0n;
  for (const { first, last, backing } of hwpt.ioas.areas) {
    if (backing.kind !== "dmabuf") missing += last - first + 1n;
  }
  for (const run of table?.runs ?? []) {
    if (run.memory.kind !== "device" || !run.preserved) missing -= run.last - run.first + 1n;
  }
  return missing <= 0n;
}

function fileBehind({ hwpt }: PreservedDomainView, { first, memory }: RunView) {
  return hwpt.ioas.areas.find(first)?.backing.file ?? memory.file;
}

function why(domain: PreservedDomainView, run: RunView): string {
  const { memory, freed_seq } = run;
  if (freed_seq !== undefined) return `its pages were freed at event ${freed_seq}`;
  const file = fileBehind(domain, run);
  if (file !== undefined) return `${fileText(file)} is in no session`;
  return memory.kind === "file" ? "its file is in no session" : "it is no file's memory";
}
