/** Names of things in findings: the same in every kernel, the same in every recording. */

import { describe, expect, test } from "vitest";
import { createChecker } from "../../src/checkers/checker.js";
import type { Finding } from "../../src/checkers/finding.js";
import type { Event } from "../../src/engine/event/index.js";
import { Machine } from "../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import { SCENARIOS, tellScenario } from "../../src/replay/scenario/catalogue/index.js";
import { renamed, renamingOf } from "../replay/diff/renamed-trace.js";

function findingsOf(events: readonly Event[], profile: ProfileId): readonly Finding[] {
  const machine = new Machine(PROFILES[profile]);
  const checker = createChecker({ profile, header: { profile } });
  for (const event of events) checker.step(machine.apply(event), machine);
  return checker.finish({}, machine);
}

const TALES = SCENARIOS.flatMap((plan) =>
  plan.profiles.map((profile) => ({
    name: `${plan.id}-${plan.slug}.${profile}`,
    profile,
    events: tellScenario(plan, profile).events,
  })),
);

/** Tokens are names that a VMM gives; everything else is chosen anew. */
const RECAPTURE = { ...renamingOf(321), token: (token: bigint) => token };

/** Numbers that the events do not hold, and that the renamed ones cannot have otherwise. */
const UNNAMED: Readonly<Record<string, string>> = {
  "S25-freeze-fails-and-is-handled.p1v5": "descriptors in the bytes of SET_IRQS",
};

function recaptured({ profile, events }: (typeof TALES)[number]): Event[] {
  // Under the seed a bind makes a HWPT whose id no call tells.
  const names = profile === "seed" ? { ...RECAPTURE, id: (id: number) => id } : RECAPTURE;
  return events.map((event) => renamed(event, names));
}

describe("a second recording of the same story", () => {
  const whole = TALES.filter(({ name }) => UNNAMED[name] === undefined);
  test.each(whole)("has the same fingerprints: $name", (tale) => {
    const { profile, events } = tale;
    const again = recaptured(tale);
    const prints = (found: readonly Finding[]) =>
      found.map(({ rule, seq, fingerprint }) => `#${seq} ${rule} ${fingerprint}`);
    expect(prints(findingsOf(again, profile))).toEqual(prints(findingsOf(events, profile)));
  });
});

describe("a thing keeps its name", () => {
  const namesIn = (name: string): string[] => {
    const tale = TALES.find((one) => one.name === name);
    return tale === undefined
      ? []
      : findingsOf(tale.events, tale.profile).flatMap(({ objects }) => [...objects]);
  };

  test("the page table that was preserved, the domain it became, and its handle", () => {
    const names = namesIn("S46-map-on-restored-hwpt-takes-effect.p2");
    expect(names).toContain("vm1/iommufd#1/hwpt:token=0x4d@boot2");
    expect(names).toContain("restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2");
  });

  test("a third kernel shows in the name", () => {
    const tale = TALES.find(({ name }) => name === "X04-two-updates.p2");
    const machine = new Machine(PROFILES.p2);
    for (const event of tale?.events ?? []) machine.apply(event);
    const names = [...machine.processes.values()].flatMap(({ fds }) =>
      fds.entries().map(([, { file }]) => file.object.describe()),
    );
    expect(names).toContain('vm1/memfd "ram"@boot3');
    expect(names).toContain("vm1/iommufd#1@boot3");
    expect(names).toContain("vm1/device 0000:3b:00.0@boot3");
  });
});
