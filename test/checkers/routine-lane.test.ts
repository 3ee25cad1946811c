/** Rules and routine calls: no rule closes the lane, and none is forgotten. */

import { describe, expect, test } from "vitest";
import { createChecker } from "../../src/checkers/checker.js";
import { RoutineLane } from "../../src/checkers/routine-lane.js";
import { type Listeners, NOTHING_TO_SAY } from "../../src/checkers/rule.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import {
  ROUTINE_KINDS,
  RoutineCall,
  type RoutineKind,
} from "../../src/engine/routine/routine-call.js";

const PROFILE_IDS = Object.keys(PROFILES) as ProfileId[];

function callOf(kind: RoutineKind): RoutineCall {
  const call = new RoutineCall();
  call.kind = kind;
  call.index = ROUTINE_KINDS.indexOf(kind);
  call.recorded = true;
  call.ioas = { domains: [] } as never;
  return call;
}

function laneOf(...rules: Listeners[]): RoutineLane {
  const lane = new RoutineLane();
  for (const listeners of rules) lane.add(listeners);
  return lane;
}

describe.each(PROFILE_IDS)("with all rules of %s", (profile) => {
  test.each(ROUTINE_KINDS)("a routine %s needs no step", (kind) => {
    const { routine } = createChecker({ profile, header: { profile } });
    // A rule that listens to such calls must say in `routine` when it can do without.
    expect(routine.allows(callOf(kind))).toBe(true);
  });
});

describe("a rule that would hear of a call and does not speak of routine calls", () => {
  const listener = () => {};
  test.each([
    ["any", { any: listener }, ROUTINE_KINDS],
    ["ioctl_any", { ioctl_any: listener }, ["map", "map_file", "unmap"]],
    ["its operation", { ioctl: { IOMMU_IOAS_MAP: listener } }, ["map"]],
    ["what it changes", { on: { area_added: listener } }, ["map", "map_file"]],
    ["what it takes away", { on: { area_removed: listener } }, ["unmap"]],
    ["transfers", { on: { dma: listener } }, ["dma"]],
    ["events of its type", { event: { dma: listener } }, ["dma"]],
    ["refusals only", { refused_any: listener, refused: { IOMMU_IOAS_MAP: listener } }, []],
  ] satisfies [string, Listeners, readonly string[]][])("by %s gets steps", (_by, rule, closed) => {
    const lane = laneOf(rule);
    for (const kind of ROUTINE_KINDS) {
      expect(lane.allows(callOf(kind)), kind).toBe(!(closed as readonly string[]).includes(kind));
    }
  });

  test("is not heard for another rule's consent", () => {
    const speaks: Listeners = { any: listener, routine: { note: NOTHING_TO_SAY } };
    expect(laneOf(speaks).allows(callOf("note"))).toBe(true);
    expect(laneOf(speaks, { any: listener }).allows(callOf("note"))).toBe(false);
  });
});

test("a rule is asked for each call, and told of those that passed", () => {
  const told: number[] = [];
  const lane = laneOf({
    on: { dma: () => {} },
    routine: { dma: ({ write }) => !write },
    passed: { dma: ({ seq }) => told.push(seq), note: () => told.push(-1) },
  });
  const call = callOf("dma");
  expect(lane.allows(call)).toBe(true);
  call.seq = 7;
  lane.passed(call);
  call.write = true;
  expect(lane.allows(call)).toBe(false);
  expect(told).toStrictEqual([7]);
});
