/**
 * The numbered catalogue, written down a second time: which findings each number must give under
 * which profiles. A scenario may have more variants and profiles than stand here, but none of these
 * may go missing.
 */

import { describe, expect, test } from "vitest";
import type { ProfileId } from "../../../src/engine/profile/index.js";
import {
  EVERY,
  LUO_ONLY,
  RESTORING,
  SCENARIOS,
  type Tale,
  tellScenario,
  WITH_DEVICES,
} from "../../../src/replay/scenario/catalogue/index.js";
import { findingsIn } from "../../support/findings.js";

type Row = readonly [id: string, profiles: readonly ProfileId[], findings: string];

const STRICT = ["p1v1", "p1v5", "p2"] as const;
const CLAIMING = ["rfc2", "p2"] as const;
const NEWEST = ["p1v5", "p2"] as const;

/** Findings above info, and those infos the scenario is about; with commas. */
const ROWS: readonly Row[] = [
  ["S01", RESTORING, "dma-between-pause-and-resume info"],
  ["S02", LUO_ONLY, ""],
  ["S03", RESTORING, "dma-between-pause-and-resume info"],
  ["S03", RESTORING, "api-destroy-restored-before-replace warning"],
  ["S04", CLAIMING, ""],
  ["S06", LUO_ONLY, ""],
  ["S07", WITH_DEVICES, ""],
  ["S09", ["luo73", "p2"], ""],
  ["S10", LUO_ONLY, ""],
  ["S12", STRICT, "ses-order-violation warning"],
  ["S13", ["rfc2"], "cmp-mapped-memory-not-preserved error, dma-to-reused-page error"],
  [
    "S13",
    ["rfc2"],
    "cmp-mapped-memory-not-preserved error, dma-to-reused-page error, cmp-vm-without-memory error",
  ],
  ["S15", ["rfc2", "p1v5", "p2"], "cmp-device-not-preserved error"],
  ["S16", ["rfc2"], "cmp-device-not-preserved error, dma-unpreserved-device-in-blackout error"],
  ["S18", ["p2"], "cmp-marked-after-iommufd-preserve error"],
  ["S18", ["rfc2"], "cmp-marked-after-iommufd-preserve error, dma-lost-translation error"],
  ["S19", STRICT, "cmp-anon-mapping-in-marked-hwpt info"],
  [
    "S19",
    ["rfc2", ...STRICT],
    "cmp-anon-mapping-in-marked-hwpt error, cmp-mapped-memory-not-preserved error",
  ],
  ["S21", ["p2"], "ses-order-violation warning"],
  ["S21", ["seed"], "cmp-memfd-not-in-same-session error"],
  ["S22", EVERY, "leak-session-never-retrieved error"],
  ["S22", EVERY, "leak-session-never-retrieved warning"],
  ["S24", LUO_ONLY, "ses-double-preserve warning"],
  ["S25", ["p1v5"], "cmp-interrupts-enabled-at-freeze error"],
  ["S27", EVERY, "leak-session-fd-single-holder warning, ses-closed-before-kexec error"],
  [
    "S27",
    WITH_DEVICES,
    "leak-session-fd-single-holder warning, ses-closed-before-kexec error, " +
      "cmp-device-not-preserved error",
  ],
  ["S28", EVERY, "cmp-image-without-kho error"],
  ["S30", EVERY, ""],
  ["S31", EVERY, "cmp-next-kernel-cannot-accept error"],
  ["S33", RESTORING, ""],
  ["S34", RESTORING, ""],
  ["S36", RESTORING, ""],
  ["S36", CLAIMING, "api-restore-twice warning"],
  ["S37", RESTORING, ""],
  [
    "S39",
    CLAIMING,
    "leak-session-fd-single-holder warning, leak-session-stuck error, " +
      "ses-retrieve-session-twice warning",
  ],
  [
    "S40",
    LUO_ONLY,
    "leak-file-not-retrieved-at-finish warning, ses-finish-without-retrieve warning, " +
      "leak-session-fd-single-holder warning",
  ],
  ["S42", RESTORING, "leak-session-stuck error, ses-reaper-incomplete error"],
  ["S43", RESTORING, "own-release-while-dma-active error, dma-after-detach error"],
  ["S45", ["seed", "p2"], ""],
  ["S46", RESTORING, "api-map-restored-hwpt warning"],
  ["S46", RESTORING, "api-map-restored-hwpt error"],
  // The last one is what the device shows of the change.
  [
    "S46",
    RESTORING,
    "api-map-restored-hwpt error, imm-mutate-restored-domain error, dma-unmapped-iova error",
  ],
  ["S48", CLAIMING, ""],
  ["S48", ["seed"], "ses-finish-before-replace error"],
  ["S49", ["p1v5"], "ses-finish-refused-loop warning, leak-session-stuck error"],
  ["S51", ["p2"], "dma-replacement-hole error"],
  ["S52", RESTORING, "dma-replacement-hole error, dma-replaced-too-early warning"],
  [
    "S54",
    RESTORING,
    "imm-punch-retrieved-memfd-under-restored-domain error, dma-to-reused-page error",
  ],
  ["S54", RESTORING, ""],
  ["S55", STRICT, ""],
  ["S55", STRICT, "imm-unmap-on-preserved-ioas error"],
  ["S57", WITH_DEVICES, ""],
  ["S57", WITH_DEVICES, "own-kernel-driver-on-preserved-device error"],
  ["S58", RESTORING, "api-id-reused-across-kexec warning"],
  ["S60", ["rfc2", "p1v5", "p2"], "cmp-nested-not-preserved error"],
  ["S60", ["rfc2", "p1v5", "p2"], ""],
  ["S61", NEWEST, ""],
  ["S61", NEWEST, "cmp-pasid-attached-at-preserve error"],
  [
    "S63",
    ["rfc2", ...STRICT],
    "own-shared-group-partial-preserve error, cmp-device-not-preserved error",
  ],
  ["S64", NEWEST, ""],
  ["S64", NEWEST, "dma-by-vf-preserved error"],
  ["S66", ["p2"], ""],
  ["S66", ["p2"], "own-device-session-mismatch error"],
  ["S67", NEWEST, "dma-requester-id-changed error, ses-retry-failed-retrieve warning"],
  ["S69", EVERY, "ses-device-open-contention info"],
  ["S70", ["luo73", "p2"], "own-two-claimants-one-session error"],
  ["S72", ["p1v5"], "ses-finish-refused-loop warning, leak-session-stuck error"],
  ["S73", ["p2"], "own-legacy-open-preserved-device error"],
  ["S73", ["p2"], ""],
  ["S75", ["p2"], "own-driver-switch-across-kexec warning"],
  ["S76", STRICT, "imm-map-on-preserved-ioas error"],
  ["S76", STRICT, ""],
  ["S78", ["seed", "p2"], "imm-replace-with-restored error"],
  ["S79", ["p2"], "imm-destroy-preserved-hwpt error"],
  ["S79", ["p2"], "api-destroy-in-use warning"],
  ["S81", LUO_ONLY, "imm-seals-added-after-preserve warning"],
  ["S82", ["p2"], "imm-guest-memfd-fault-while-frozen warning"],
  ["S84", RESTORING, "leak-restored-hwpt-after-replace warning"],
  ["S85", LUO_ONLY, "leak-preserved-memory-unreferenced info"],
  ["S87", ["p2"], "cmp-domain-without-device warning"],
  ["S88", WITH_DEVICES, "dma-unmapped-iova error"],
  ["S88", WITH_DEVICES, "dma-unmapped-iova info"],
  ["S90", WITH_DEVICES, "dma-write-readonly-mapping error"],
  ["S90", WITH_DEVICES, ""],
  ["S91", ["p1v5"], "dma-during-vfio-freeze info"],
  ["S93", LUO_ONLY, "ses-retrieve-before-kexec warning"],
  ["S94", LUO_ONLY, "ses-preserve-after-retrieve warning"],
  ["S96", EVERY, "ses-ioctl-after-freeze error"],
  ["S97", LUO_ONLY, "ses-name-invalid warning"],
  ["S99", NEWEST, "api-mark-token-collision warning"],
  ["S99", NEWEST, "api-mark-nonpaging warning"],
  ["S99", NEWEST, "api-mark-never-preserved info"],
  ["S100", LUO_ONLY, "api-wrong-number-for-profile warning"],
  ["S102", LUO_ONLY, ""],
  ["S103", ["p2"], ""],
];

/** The variant gives these findings: all above info, and the infos that are stated. */
function gives(tale: Tale, findings: string): boolean {
  const stated = new Set(findings.split(", ").filter((one) => one !== ""));
  const told = new Set(tale.expected.map(({ rule, severity }) => `${rule} ${severity}`));
  const grave = [...told].filter((one) => !one.endsWith(" info"));
  return grave.every((one) => stated.has(one)) && [...stated].every((one) => told.has(one));
}

describe.each(
  ROWS.map(([id, profiles, findings]) => {
    return { id, profiles, findings, name: `${id} ${findings || "clean"}` };
  }),
)("$name", ({ id, profiles, findings }) => {
  test.for([...profiles])("under %s", (profile) => {
    const variants = SCENARIOS.filter((plan) => plan.id === id && plan.profiles.includes(profile));
    const fitting = variants.filter((plan) => gives(tellScenario(plan, profile), findings));
    expect(fitting.length).toBeGreaterThan(0);
  });
});

/** Findings that must be told as what came of others. */
const LINKS: readonly (readonly [id: string, symptom: string, cause: string])[] = [
  ["S13", "dma-to-reused-page", "cmp-mapped-memory-not-preserved"],
  ["S18", "dma-lost-translation", "cmp-marked-after-iommufd-preserve"],
  ["S27", "ses-closed-before-kexec", "leak-session-fd-single-holder"],
  ["S27", "cmp-device-not-preserved", "ses-closed-before-kexec"],
  ["S39", "leak-session-stuck", "leak-session-fd-single-holder"],
  ["S49", "leak-session-stuck", "ses-finish-refused-loop"],
  ["S54", "dma-to-reused-page", "imm-punch-retrieved-memfd-under-restored-domain"],
];

test.for(LINKS)("%s: %s comes of %s", ([id, symptom, cause]) => {
  const told = SCENARIOS.filter((plan) => plan.id === id).flatMap((plan) =>
    plan.profiles.map((profile) => findingsIn(tellScenario(plan, profile))),
  );
  const symptoms = told.flatMap((found) => found.filter(({ rule }) => rule === symptom));
  expect(symptoms.length).toBeGreaterThan(0);
  for (const { caused_by = [] } of symptoms) {
    expect(caused_by.map(({ rule }) => rule)).toContain(cause);
  }
});

test("no scenario has a number that is not here, apart from those of our own", () => {
  const known = new Set(ROWS.map(([id]) => id));
  const told = SCENARIOS.map(({ id }) => id);
  expect(told.filter((id) => !known.has(id) && !/^X\d\d$/.test(id))).toEqual([]);
  expect([...known].filter((id) => !told.includes(id))).toEqual([]);
});
