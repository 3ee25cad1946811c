/** What a diff says about one VM with one device on its way through a live update. */

import { describe, expect, test } from "vitest";
import { diffStates } from "../../src/replay/diff/diff-states.js";
import {
  claimDomain,
  done,
  fetchSession,
  kexec,
  ONE_NIC,
  preserve,
  replaceDomain,
  retrieveFiles,
  setup,
} from "../../src/replay/scenario/blocks.js";
import { Scenario } from "../../src/replay/scenario/scenario.js";
import { describeMachine, describeState } from "../../src/replay/state/describe-state.js";
import { stateHash } from "../../src/replay/state/state-hash.js";
import { toPlain } from "../../src/replay/state/state-value.js";

const STEPS = ["setup", "preserve", "kexec", "retrieve", "claim", "replace", "done"] as const;
type Step = (typeof STEPS)[number];

/** The story up to and including a step. */
function upTo(last: Step): Scenario {
  const scenario = new Scenario({ profile: "p2", title: last, machine: ONE_NIC });
  const vm = setup(scenario);
  let restored = 0;
  const steps: Readonly<Record<Step, () => void>> = {
    setup: () => undefined,
    preserve: () => preserve(vm),
    kexec: () => kexec(vm),
    retrieve: () => {
      fetchSession(vm);
      retrieveFiles(vm);
    },
    claim: () => {
      restored = claimDomain(vm);
    },
    replace: () => replaceDomain(vm),
    done: () => done(vm, restored),
  };
  for (const step of STEPS.slice(0, STEPS.indexOf(last) + 1)) steps[step]();
  return scenario;
}

const messages = (a: Step, b: Step): string[] =>
  diffStates(describeMachine(upTo(a).machine), describeMachine(upTo(b).machine)).map(
    ({ message }) => message,
  );

describe("one VM through a live update", () => {
  test.each(STEPS)("a second run is the same after %s", (step) => {
    expect(messages(step, step)).toEqual([]);
    expect(stateHash(upTo(step).machine)).toBe(stateHash(upTo(step).machine));
  });

  test("every step changes the state", () => {
    const hashes = STEPS.map((step) => stateHash(upTo(step).machine));
    expect(new Set(hashes).size).toBe(STEPS.length);
  });

  test("preserving shows in the session, the memory and the device", () => {
    expect(messages("setup", "preserve")).toEqual([
      'vm1/memfd "ram" as token 0x1 of session "vm1" only in B',
      'vm1/iommufd#1 as token 0x2 of session "vm1" only in B',
      'vm1/device 0000:3b:00.0 as token 0x3 of session "vm1" only in B',
      'memfd "ram": frozen by live update no in A, yes in B',
      "iommufd#1/hwpt:3: preserved no in A, yes in B",
      "device 0000:3b:00.0: preserved no in A, yes in B",
    ]);
  });

  test("across the kexec a session is known by its name, a file by its token", () => {
    const found = messages("preserve", "kexec");
    expect(found).toContain(
      'session "vm1": is created, not handed over in A, arrived, not retrieved in B',
    );
    expect(found).toContain(
      'vm1/iommufd#1 as token 0x2 of session "vm1": is preserved in A, waiting in B',
    );
    expect(found).toContain("vm1/iommufd#1 only in A; it owns 0000:3b:00.0");
    expect(found).toContain(
      "restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2 only in B, owned by " +
        "vm1/iommufd, for 0000:3b:00.0",
    );
  });

  test("an update that was not finished says what is left", () => {
    expect(messages("done", "replace")).toEqual([
      'session "vm1"@boot2 only in B (retrieved, not finished)',
      "restored HWPT vm1/iommufd#1/hwpt:token=0x4d@boot2 only in B",
      "restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2 only in B, owned by " +
        "vm1/iommufd, for 0000:3b:00.0",
    ]);
  });

  test("a device that was not moved to its new page table", () => {
    expect(messages("replace", "claim")).toContain(
      "device 0000:3b:00.0 of vm1/iommufd#1@boot2: attached to vm1/iommufd#1/hwpt:4@boot2 in A, " +
        "nothing in B",
    );
    expect(messages("replace", "claim")).toContain(
      "restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2: attached no in A, yes in B",
    );
  });

  test("a whole update ends as it began, but for the kernel, the session and the mark", () => {
    expect(messages("setup", "done")).toEqual([
      "the kernel: its number is 1 in A, 2 in B",
      'session "vm1" only in A (created, not handed over)',
      "iommufd#1/hwpt:3: marked for live update yes in A, no in B",
    ]);
  });
});

describe("the state document of a VM with a device", () => {
  test("says which page table the device uses and what it maps", () => {
    const document = toPlain(describeState(upTo("setup").machine));
    expect(document).toMatchObject({
      iommufds: [
        {
          objects: [
            { type: "DEVICE", device: "0000:3b:00.0", attachments: [{ pasid: 0, hwpt: 3 }] },
            { type: "IOAS", id: 2, areas: [{ first: "0x0", last: "0x3fffffff", rights: "rw" }] },
            { type: "HWPT_PAGING", id: 3, ioas: 2, token: "0x4d" },
          ],
        },
      ],
      devices: [{ title: "0000:3b:00.0", open_count: 1, bus_master: true, bound_through: "cdev" }],
    });
  });

  test("shows what arrived before anybody asked for it", () => {
    const document = toPlain(describeState(upTo("kexec").machine));
    expect(document).toMatchObject({
      processes: [],
      sessions: [{ files: [{ token: "0x1", size_bytes: "0x40000000" }, {}, {}] }],
      restored_domains: [{ token: "0x4d", table: [{ first: "0x0", preserved: true }] }],
      devices: [{ restored_domain: "restored domain 1", arrived_as: 'token 0x3 of session "vm1"' }],
    });
  });
});
