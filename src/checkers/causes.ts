/**
 * Which findings explain which: a symptom is reported once and names its causes. A cause must be
 * about one of the symptom's objects and must not come after it.
 */

import type { Draft } from "./findings.js";

/** Rule of the symptom, and the rules that explain it. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  "dma-to-reused-page": [
    "cmp-mapped-memory-not-preserved",
    "imm-unmap-on-preserved-ioas",
    "imm-punch-retrieved-memfd-under-restored-domain",
    "leak-file-not-retrieved-at-finish",
    "ses-finish-before-replace",
    "cmp-second-update-with-unfinished-session",
  ],
  "dma-after-detach": ["own-release-while-dma-active"],
  "dma-replaced-too-early": ["dma-replacement-hole"],
  "dma-unmapped-iova": ["imm-mutate-restored-domain", "dma-after-destroy"],
  "imm-mutate-restored-domain": ["api-map-restored-hwpt"],
  "dma-replacement-hole": ["cmp-mapped-memory-not-preserved", "leak-file-not-retrieved-at-finish"],
  "cmp-mapped-memory-not-preserved": [
    "cmp-anon-mapping-in-marked-hwpt",
    "cmp-vm-without-memory",
    "ses-order-violation",
  ],
  "cmp-vm-without-memory": ["ses-order-violation"],
  "cmp-domain-without-device": [
    "cmp-device-not-preserved",
    "api-mark-token-collision",
    "imm-device-left-preserved-hwpt",
    "ses-order-violation",
  ],
  "cmp-hwpt-not-marked": ["api-mark-token-collision", "imm-device-left-preserved-hwpt"],
  "api-mark-token-collision": ["api-destroy-in-use"],
  "leak-preserved-memory-unreferenced": [
    "leak-session-stuck",
    "cmp-next-kernel-cannot-accept",
    "ses-open-eio",
  ],
  "leak-restored-hwpt-after-replace": ["api-destroy-restored-before-replace", "leak-session-stuck"],
  "own-domain-freed-without-owner": ["own-finish-touched-domain", "ses-finish-before-replace"],
  "own-finish-touched-domain": ["ses-finish-before-replace"],
  "own-shared-group-partial-preserve": ["cmp-device-not-preserved"],
  "ses-reaper-incomplete": ["leak-session-stuck"],
  "dma-lost-translation": [
    "cmp-device-not-preserved",
    "cmp-hwpt-not-marked",
    "cmp-marked-after-iommufd-preserve",
    "own-domain-freed-without-owner",
    "own-finish-touched-domain",
    "ses-finish-before-replace",
    "imm-mutate-restored-domain",
  ],
  "dma-unpreserved-device-in-blackout": [
    "ses-closed-before-kexec",
    "cmp-device-not-preserved",
    "cmp-image-without-kho",
    "cmp-next-kernel-cannot-accept",
    "cmp-second-update-with-unfinished-session",
  ],
  "ses-freeze-not-undone": ["cmp-interrupts-enabled-at-freeze"],
  "cmp-device-not-preserved": ["ses-closed-before-kexec", "ses-order-violation"],
  "leak-session-stuck": [
    "ses-finish-refused-loop",
    "leak-session-fd-single-holder",
    "leak-hwpt-not-restored",
    "api-destroy-restored-before-replace",
    "cmp-device-not-preserved",
    "cmp-domain-without-device",
  ],
  "leak-hwpt-not-restored": [
    "leak-session-fd-single-holder",
    "api-restore-before-bind",
    "cmp-device-not-preserved",
    "cmp-domain-without-device",
  ],
  "leak-session-never-retrieved": ["cmp-next-kernel-cannot-accept", "ses-open-eio"],
  "leak-session-left-open": [
    "ses-finish-refused-loop",
    "leak-hwpt-not-restored",
    "api-destroy-restored-before-replace",
    "cmp-device-not-preserved",
  ],
  "leak-file-not-retrieved-at-finish": ["ses-finish-without-retrieve"],
  "ses-finish-without-retrieve": ["leak-session-fd-single-holder", "ses-retrieve-unknown-token"],
  "cmp-second-update-with-unfinished-session": [
    "leak-session-never-retrieved",
    "leak-session-stuck",
  ],
  "ses-retrieve-unknown-token": [
    "cmp-anon-mapping-in-marked-hwpt",
    "cmp-device-not-preserved",
    "cmp-hwpt-not-marked",
    "cmp-mapped-memory-not-preserved",
    "cmp-unsealed-at-map",
    "cmp-vm-without-memory",
    "ses-double-preserve",
    "ses-order-violation",
  ],
  "ses-double-preserve": ["leak-session-stuck"],
  "ses-open-eio": ["cmp-next-kernel-cannot-accept"],
  "ses-order-violation": ["cmp-unsealed-at-map"],
  "ses-retry-failed-retrieve": ["dma-requester-id-changed"],
  "ses-retrieve-session-twice": ["leak-session-stuck"],
  "ses-closed-before-kexec": ["leak-session-fd-single-holder"],
};

/**
 * Rules about what was never done: they speak when that is certain, and mean the time since the
 * earliest event they name.
 */
const OMISSIONS: ReadonlySet<string> = new Set([
  "leak-file-not-retrieved-at-finish",
  "leak-hwpt-not-restored",
  "leak-session-never-retrieved",
  "ses-finish-without-retrieve",
]);

/** Symptoms about one file, and causes of theirs that must be about the same one. */
const OF_ONE_FILE: ReadonlySet<string> = new Set([
  "cmp-mapped-memory-not-preserved",
  "cmp-vm-without-memory",
]);
const ABOUT_FILES: ReadonlySet<string> = new Set(["cmp-vm-without-memory", "ses-order-violation"]);

/**
 * The findings that explain a finding, oldest first. Where the symptom names the event it goes back
 * to and some of them are about that very event, the others are left out.
 */
export function causesOf(symptom: Draft, all: readonly Draft[]): Draft[] {
  const rules = CAUSES[symptom.rule.id];
  if (rules === undefined) return [];
  const keys = keysOf(symptom);
  const found = all.filter(
    (draft) =>
      rules.includes(draft.rule.id) &&
      beganAt(draft) <= symptom.report.seq &&
      intersects(isOfFile(symptom, draft) ? onlyFiles(keys) : keys, keysOf(draft)),
  );
  const { cause } = symptom.report;
  const exact = found.filter(({ report }) => cause === report.seq || isWitness(report, cause));
  return exact.length > 0 ? exact : found;
}

function beganAt({ rule, report }: Draft): number {
  if (!OMISSIONS.has(rule.id)) return report.seq;
  return Math.min(report.seq, ...(report.witness ?? []).filter((seq) => seq !== undefined));
}

function isWitness(report: Draft["report"], cause: string | number | undefined): boolean {
  return typeof cause === "number" && report.witness?.includes(cause) === true;
}

/** A session in common says too little. */
function isOfFile(symptom: Draft, cause: Draft): boolean {
  return OF_ONE_FILE.has(symptom.rule.id) && ABOUT_FILES.has(cause.rule.id);
}

function onlyFiles(keys: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...keys].filter((key) => key.startsWith("file:")));
}

function keysOf({ report }: Draft): ReadonlySet<string> {
  const names = [...report.objects, ...(report.about ?? [])];
  return new Set(names.map((name) => name.key));
}

function intersects(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const key of a) if (b.has(key)) return true;
  return false;
}
