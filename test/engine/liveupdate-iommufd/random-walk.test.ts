import { describe, expect, test } from "vitest";
import { IommufdContext } from "../../../src/engine/iommufd/context.js";
import { HwptPaging } from "../../../src/engine/iommufd/hwpt.js";
import { Ioas } from "../../../src/engine/iommufd/ioas.js";
import type { Machine } from "../../../src/engine/machine.js";
import type { ProfileId } from "../../../src/engine/profile/index.js";
import { claimDomain, type Vm } from "../../../src/replay/scenario/blocks.js";
import { RandomWalk } from "./random-walk.js";
import { arrived, preserved, retrieved, started } from "./world.js";

const PROFILES = ["seed", "rfc2", "p1v1", "p1v5", "p2"] as const;
/** Nothing can be retrieved there but memory and devices. */
const PHASE_ONE: ReadonlySet<ProfileId> = new Set(["p1v1", "p1v5"]);
/** Where walks start, from the set-up of a VM to a domain that user space has a handle of. */
const STARTS = [started, preserved, arrived, retrieved, claimed];
const STEPS = 150;
const WALKS = 8;

function claimed(profile: ProfileId): Vm {
  const vm = retrieved(profile);
  claimDomain(vm);
  return vm;
}

function contexts(machine: Machine): IommufdContext[] {
  const files = [...machine.processes.values()].flatMap((process) => process.fds.entries());
  return files.flatMap(([, { file }]) =>
    file.object instanceof IommufdContext ? [file.object] : [],
  );
}

/** What holds after every step, whatever the kernel answered. */
function check(machine: Machine, tables: WeakMap<object, object>): void {
  for (const domain of machine.restoredDomains) {
    const before = tables.get(domain) ?? domain.table.runs;
    expect(domain.table.runs, "the table of a restored domain never changes").toBe(before);
    tables.set(domain, before);
    const { hwpt, groups, end } = domain;
    if (end !== undefined) expect(groups.size, "what ended serves nobody").toBe(0);
    if (hwpt !== undefined) expect(hwpt.users).toBeGreaterThan(groups.size);
  }
  for (const { hardware } of machine.devices.entries()) {
    const { group } = hardware;
    const { restored, attached } = group;
    if (restored !== undefined) {
      expect(attached.has(0), "one domain is in front of a group").toBe(false);
      expect(restored.groups.has(group)).toBe(true);
    }
  }
}

/** Areas of frozen IOAS, as a number for each. */
function frozenAreas(machine: Machine): Map<Ioas, number> {
  const counts = new Map<Ioas, number>();
  for (const context of contexts(machine)) {
    for (const object of context.objects()) {
      if (object instanceof Ioas && object.frozen) counts.set(object, object.areas.size);
      if (object instanceof HwptPaging && object.preserved && object.origin === "fresh") {
        expect(object.ioas.frozen, "a preserved HWPT freezes its IOAS").toBe(true);
      }
    }
  }
  return counts;
}

const walks = (profile: ProfileId, contradicting: boolean, from = STARTS): RandomWalk[] =>
  from.flatMap((start, index) =>
    Array.from({ length: WALKS }, (_, number) => {
      const seed = 7919 * (number + 1) + 104_729 * index;
      return new RandomWalk(start(profile), seed, contradicting);
    }),
  );

describe.each(PROFILES)("random walks under %s", (profile) => {
  const starts = PHASE_ONE.has(profile) ? STARTS.slice(0, 3) : STARTS;

  test("with a kernel that answers like the model, frozen mappings stay", () => {
    for (const walk of walks(profile, false, starts)) {
      const tables = new WeakMap<object, object>();
      let before = new Map<Ioas, number>();
      for (let step = 0; step < STEPS; step++) {
        walk.step();
        check(walk.machine, tables);
        const now = frozenAreas(walk.machine);
        for (const [ioas, count] of before) if (now.has(ioas)) expect(now.get(ioas)).toBe(count);
        before = now;
      }
    }
  });

  test("with a kernel that contradicts the model, the state stays whole", () => {
    for (const walk of walks(profile, true, starts)) {
      const tables = new WeakMap<object, object>();
      for (let step = 0; step < STEPS; step++) {
        walk.step();
        check(walk.machine, tables);
      }
    }
  });
});

test("walks go far enough to restore, replace, release and destroy domains", () => {
  const seen = new Set<string>();
  for (const walk of [...walks("seed", true), ...walks("p2", true)]) {
    const { machine } = walk;
    const { emit } = machine;
    machine.emit = (transition) => {
      seen.add(transition.kind);
      emit.call(machine, transition);
    };
    for (let step = 0; step < STEPS; step++) walk.step();
  }
  const wanted = ["restored", "claimed", "replaced", "released", "destroyed"];
  expect(wanted.filter((what) => !seen.has(`domain_${what}`))).toEqual([]);
});
