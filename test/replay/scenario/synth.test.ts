/** Free compositions: a clean one gives no finding, a faulty one exactly those of its faults. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createChecker } from "../../../src/checkers/checker.js";
import type { Finding } from "../../../src/checkers/finding.js";
import { ruleById } from "../../../src/checkers/rules/index.js";
import { Machine } from "../../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../../src/engine/profile/index.js";
import { compareOutcome } from "../../../src/replay/compare.js";
import { eventLine } from "../../../src/replay/encode.js";
import { compose } from "../../../src/replay/scenario/synth/compose.js";
import { rulesBroken } from "../../../src/replay/scenario/synth/fault-kind.js";
import { FAULTS } from "../../../src/replay/scenario/synth/faults.js";
import {
  commandOf,
  parseFault,
  type SynthOptions,
  synthOptions,
} from "../../../src/replay/scenario/synth/options.js";

interface Outcome {
  readonly lines: readonly string[];
  readonly findings: readonly Finding[];
  readonly divergences: number;
}

function replayed(stated: Partial<SynthOptions>): Outcome {
  const options = synthOptions(stated);
  const { profile } = options;
  const machine = new Machine(PROFILES[profile]);
  const checker = createChecker({ profile, header: { profile } });
  const lines: string[] = [];
  let divergences = 0;
  for (const batch of compose(options).batches()) {
    for (const event of batch) {
      const step = machine.apply(event);
      divergences += compareOutcome(event, step.outcome).length;
      checker.step(step, machine);
      lines.push(eventLine(event));
    }
  }
  return { lines, findings: checker.finish({}, machine), divergences };
}

function grave({ findings }: Outcome): Finding[] {
  return findings.filter(({ severity }) => severity !== "info");
}

/** Rules that found something above info, as often as they did. */
function broken(outcome: Outcome): string[] {
  return grave(outcome)
    .map(({ rule }) => rule)
    .sort();
}

const PROFILE_IDS = Object.keys(PROFILES) as ProfileId[];

const clean = fc
  .record({
    profile: fc.constantFrom(...PROFILE_IDS),
    seed: fc.string({ maxLength: 8 }),
    vms: fc.integer({ min: 1, max: 4 }),
    devices: fc.integer({ min: 0, max: 3 }),
    pieces: fc.integer({ min: 1, max: 64 }),
    dma: fc.integer({ min: 0, max: 20 }),
    updates: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ pieces, devices, profile, ...rest }) => ({
    ...rest,
    profile,
    devices: profile === "luo73" ? 0 : devices,
    memory_bytes: BigInt(pieces) * 0x20_0000n,
  }));

describe("a composition without faults", () => {
  test("breaks no rule and differs nowhere from the model", () => {
    fc.assert(
      fc.property(clean, (options) => {
        const outcome = replayed(options);
        expect(broken(outcome)).toEqual([]);
        expect(outcome.divergences).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("is the same for the same seed, and another one for another", () => {
    const options = { vms: 2, devices: 2, updates: 2, dma: 20 };
    expect(replayed({ ...options, seed: "a" }).lines).toEqual(
      replayed({ ...options, seed: "a" }).lines,
    );
    expect(replayed({ ...options, seed: "a" }).lines).not.toEqual(
      replayed({ ...options, seed: "b" }).lines,
    );
  });

  test("has as many events as asked for", () => {
    expect(replayed({ events: 5000 }).lines).toHaveLength(5000);
    expect(replayed({ profile: "luo73", events: 1000 }).lines).toHaveLength(1000);
  });

  test("comes in batches of bounded size", () => {
    const options = synthOptions({ events: 20_000, vms: 3 });
    const sizes = [...compose(options).batches()].map((batch) => batch.length);
    expect(Math.max(...sizes)).toBeLessThan(600);
  });
});

const FAULTY = FAULTS.flatMap((kind) =>
  kind.profiles.flatMap((profile) =>
    (kind.steps ?? [undefined]).map((step) => ({ kind, profile, step, name: kind.id })),
  ),
);

/** The first VM, its session and its devices. */
const OF_FIRST_VM = /\bvm1\b|^0000:10:0[01]\.0$/;

describe.each(FAULTY)("$name@$step under $profile", ({ kind, profile, step }) => {
  test("breaks exactly its rules", () => {
    const rules = rulesBroken(kind, profile, step);
    expect(rules.filter((rule) => ruleById(rule) === undefined)).toEqual([]);
    const devices = kind.without_devices === true ? { devices: 0 } : {};
    for (const seed of ["1", "2"]) {
      const faults = [{ kind, step }];
      const options = { profile, seed, vms: Number(seed), updates: Number(seed), faults };
      expect(broken(replayed({ ...options, ...devices }))).toEqual([...rules].sort());
    }
  });

  test("each rule finds it once, where it was put", () => {
    const faults = [{ kind, step, vm: 1 }];
    const devices = kind.without_devices === true ? { devices: 0 } : {};
    const outcome = replayed({ profile, vms: 2, faults, ...devices });
    for (const { objects, count } of grave(outcome)) {
      expect(count).toBe(1);
      expect(objects.some((name) => OF_FIRST_VM.test(name))).toBe(true);
    }
  });
});

test("two VMs can have a fault each", () => {
  const faults = [parseFault("destroy-early@vm2"), parseFault("crash@bind")];
  const outcome = replayed({ vms: 3, faults });
  expect(broken(outcome)).toEqual(["api-destroy-restored-before-replace"]);
});

describe("what cannot be told", () => {
  test.for([
    [{ profile: "luo73", devices: 1 }, "luo73 cannot preserve devices"],
    [{ memory_bytes: 4096n }, "multiple of 2 MiB"],
    [{ vms: 0 }, "1 to 1000 VMs"],
    [{ profile: "p1v5", faults: [parseFault("punch")] }, "cannot happen under p1v5"],
    [{ devices: 1, faults: [parseFault("forget-device")] }, "--devices 2"],
    [{ faults: [parseFault("crash@never")] }, "no step never"],
    [{ faults: [parseFault("punch@vm2")] }, "no VM 2"],
    [{ vms: 1, faults: [parseFault("punch"), parseFault("crash")] }, "--vms is too small"],
  ] as const)("%o", ([stated, text]) => {
    expect(() => synthOptions(stated)).toThrow(text);
  });

  test("a fault nobody knows", () => {
    expect(() => parseFault("meteor")).toThrow("no fault meteor");
  });
});

test("the header names the command that makes the trace again", () => {
  const options = synthOptions({ seed: "7", faults: [parseFault("crash@bind@vm1")] });
  expect(compose(options).header.source).toEqual({
    how: "generator",
    name:
      "lutrace synth --profile p2 --seed 7 --vms 1 --devices 1 --memory 1024M --dma 8 " +
      "--updates 1 --fault crash@bind@vm1",
    seed: "7",
  });
  expect(commandOf(options)).toBe(compose(options).header.source?.name);
});
