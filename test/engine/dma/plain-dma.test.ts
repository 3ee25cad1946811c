/** Ordinary transfers on plain numbers: the same answers and the same state as by the exact way. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PlainDma, preparePlainDma } from "../../../src/engine/dma/plain-dma.js";
import type { DmaPiece } from "../../../src/engine/dma/target.js";
import type { Machine, Step } from "../../../src/engine/machine.js";
import { stateHash } from "../../../src/replay/state/state-hash.js";
import { startDevice, writeCommand } from "../vfio/devices.js";

const PAGE = 0x1000;
const RAM_PAGES = 24;
const RAM_BYTES = BigInt(RAM_PAGES * PAGE);
/** IOVA windows of `SLOT_PAGES` pages each; mapping and unmapping go by them. */
const SLOTS = 6;
const SLOT_PAGES = 8;
const BASE = 0x10_0000;
const USER_VA = 0x2000_0000n;
const READ_WRITE = 7;
const READ_ONLY = 5;
const PUNCH = 3;

const slot = fc.integer({ min: 0, max: SLOTS - 1 });
const pages = fc.record({
  page: fc.integer({ min: 0, max: RAM_PAGES - 1 }),
  count: fc.integer({ min: 1, max: 6 }),
});
const transfer = fc.record({
  do: fc.constant("dma" as const),
  iova: fc.integer({ min: BASE - PAGE, max: BASE + SLOTS * SLOT_PAGES * PAGE }),
  length_bytes: fc.integer({ min: 0, max: 3 * PAGE }),
  direction: fc.constantFrom("read" as const, "write" as const),
});
const mapping = fc.record({
  do: fc.constant("map" as const),
  slot,
  from: fc.constantFrom("ram" as const, "user" as const),
  page: fc.integer({ min: 0, max: RAM_PAGES - SLOT_PAGES }),
  flags: fc.constantFrom(READ_WRITE, READ_ONLY),
});
const usually = fc.integer({ min: 0, max: 3 }).map((number) => number > 0);
const table = fc.constantFrom("own" as const, "own" as const, "other" as const, "none" as const);
const change = fc.oneof(
  { weight: 20, arbitrary: transfer },
  { weight: 3, arbitrary: mapping },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unmap" as const), slot }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("punch" as const), pages }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("store" as const), pages }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resize" as const), pages }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("attach" as const), table }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("master" as const), on: usually }) },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** A device that can reach a memfd and anonymous memory; the memfd can shrink. */
function startWorld() {
  const story = startDevice();
  const { scenario, vmm, iommufd } = story;
  const { pid } = vmm;
  const created = { type: "memfd_create", pid, name: "ram", flags: 0 } as const;
  const ram = Number(scenario.call(created).outcome.ret);
  scenario.call({ type: "ftruncate", pid, fd: ram, length: RAM_BYTES });
  return { ...story, ram, other: vmm.allocIoas(iommufd) };
}

type World = ReturnType<typeof startWorld>;

function mapSlot(world: World, { slot, from, page, flags }: Change & { do: "map" }): void {
  const { vmm, iommufd, ioas, ram } = world;
  const iova = BigInt(BASE + slot * SLOT_PAGES * PAGE);
  const common = { flags, ioas_id: ioas, length: BigInt(SLOT_PAGES * PAGE), iova };
  const start = BigInt(page * PAGE);
  const whatever = { whatever: true } as const;
  if (from === "user") {
    vmm.ioctl(iommufd, "IOMMU_IOAS_MAP", { ...common, user_va: USER_VA + start }, whatever);
  } else vmm.ioctl(iommufd, "IOMMU_IOAS_MAP_FILE", { ...common, fd: ram, start }, whatever);
}

/** Carries out a change. A PASID of 0 says the same as none, and takes the exact way. */
function play(world: World, change: Change, pasid: 0 | undefined): Step | undefined {
  const { scenario, vmm, iommufd, device, ioas, ram } = world;
  const { pid } = vmm;
  const whatever = { whatever: true } as const;
  switch (change.do) {
    case "dma": {
      const { iova, length_bytes, direction } = change;
      const asked = { iova: BigInt(iova), length_bytes, direction, observed: "ok" } as const;
      return scenario.add({ type: "dma", device: "vfio0", pasid, ...asked });
    }
    case "map":
      mapSlot(world, change);
      return undefined;
    case "unmap": {
      const iova = BigInt(BASE + change.slot * SLOT_PAGES * PAGE);
      const length = BigInt(SLOT_PAGES * PAGE);
      vmm.ioctl(iommufd, "IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova, length }, whatever);
      return undefined;
    }
    case "punch": {
      const [offset, length] = [change.pages.page, change.pages.count].map((n) => BigInt(n * PAGE));
      const punch = { type: "fallocate", pid, fd: ram, mode: PUNCH } as const;
      scenario.call({ ...punch, offset: offset ?? 0n, length: length ?? 1n }, whatever);
      return undefined;
    }
    case "store": {
      const { page, count } = change.pages;
      const store = { type: "cpu_write", pid, fd: ram, length_bytes: count * 700 } as const;
      scenario.add({ ...store, offset: BigInt(page * PAGE + 100) });
      return undefined;
    }
    case "resize":
      scenario.call({
        type: "ftruncate",
        pid,
        fd: ram,
        length: BigInt((change.pages.page + 1) * PAGE),
      });
      return undefined;
    case "attach":
      if (change.table === "none") vmm.detach(device, whatever);
      else vmm.attach(device, change.table === "own" ? ioas : world.other, whatever);
      return undefined;
    case "master":
      writeCommand(vmm, device, change.on ? 0x7 : 0x3);
      return undefined;
  }
}

/** Slots 0 and 1 show the memfd, from its start on; slot 3 shows anonymous memory. */
function startMapped(flags: 5 | 7 = READ_WRITE) {
  const world = startWorld();
  mapSlot(world, { do: "map", slot: 0, from: "ram", page: 0, flags });
  mapSlot(world, { do: "map", slot: 1, from: "ram", page: SLOT_PAGES, flags });
  mapSlot(world, { do: "map", slot: 3, from: "user", page: 0, flags });
  return { ...world, machine: world.scenario.machine };
}

/** What a transfer did, in words that two machines have in common. */
function told({ outcome, transitions }: Step) {
  return {
    judgement: outcome.judgement,
    claims: outcome.claims,
    decided_by: outcome.decided_by,
    transitions: transitions.map((transition) => {
      if (transition.kind !== "dma") return transition.kind;
      const { predicted, happened, pieces, restored } = transition;
      return { predicted, happened, restored, pieces: pieces.map(pieceText) };
    }),
  };
}

function pieceText({ iova, length_bytes, target, hwpt }: DmaPiece) {
  const where =
    target.kind === "memory"
      ? [target.object.serial, target.offset, target.run.pinned_seq, target.freed_seq]
      : target.kind === "fault"
        ? target.reason
        : target.kind;
  return { iova, length_bytes, where, hwpt: hwpt?.id };
}

describe("ordinary transfers", () => {
  test("leave what the exact way leaves, whatever happens in between", () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 5, maxLength: 60 }), (changes) => {
        const [fast, exact] = [startMapped(), startMapped()];
        for (const change of changes) {
          if (change.do === "dma" && prepared(fast, change)) plain++;
          const steps = [play(fast, change, undefined), play(exact, change, 0)];
          const [one, other] = steps.map((step) => step && told(step));
          expect(one).toEqual(other);
        }
        expect(stateHash(fast.scenario.machine)).toBe(stateHash(exact.scenario.machine));
      }),
      { numRuns: 150 },
    );
    expect(plain).toBeGreaterThan(200);
  });
});

function prepared({ scenario }: World, change: Change & { do: "dma" }): boolean {
  const { iova, length_bytes, direction } = change;
  return ask(scenario.machine, { iova, length: length_bytes, write: direction === "write" });
}

/** Where an ordinary transfer of 16 bytes, or as asked, begins in its memory. */
function locate(machine: Machine, asked: Partial<PlainDma>): number | undefined {
  const found = { device: undefined, object: undefined, offset: 0 };
  const plain = { device_name: "vfio0", iova: BASE, length: 16, write: true, ...found, ...asked };
  return preparePlainDma(machine, plain) ? plain.offset : undefined;
}

function ask(machine: Machine, asked: Partial<PlainDma>): boolean {
  return locate(machine, asked) !== undefined;
}

describe("a transfer is ordinary", () => {
  test("where it reaches pinned memory in one piece", () => {
    const { machine } = startMapped();
    expect(ask(machine, {})).toBe(true);
    expect(ask(machine, { write: false, length: SLOT_PAGES * PAGE })).toBe(true);
    expect(ask(machine, { device_name: "0000:00:02.0" })).toBe(true);
  });

  test("not where it faults, in whole or in part, or crosses from one area to the next", () => {
    const { machine } = startMapped();
    const border = BASE + SLOT_PAGES * PAGE;
    expect(ask(machine, { iova: BASE - 1 })).toBe(false);
    expect(ask(machine, { iova: border - 1 })).toBe(false);
    expect(ask(machine, { iova: border + SLOT_PAGES * PAGE - 1 })).toBe(false);
    expect(ask(machine, { device_name: "vfio1" })).toBe(false);
    expect(ask(machine, { length: 0 })).toBe(false);
    expect(ask(startMapped(READ_ONLY).machine, {})).toBe(false);
    expect(ask(startMapped(READ_ONLY).machine, { write: false })).toBe(true);
  });

  test("not where an interrupt message goes, nor for a device that must not start one", () => {
    const { machine, vmm, device } = startMapped();
    expect(ask(machine, { iova: 0xfee0_0000 })).toBe(false);
    writeCommand(vmm, device, 0x3);
    expect(ask(machine, {})).toBe(false);
    writeCommand(vmm, device, 0x7);
    expect(ask(machine, {})).toBe(true);
  });

  test("not on pages that left their file after they were pinned", () => {
    const { machine, vmm, ram } = startMapped();
    vmm.punchHole(ram, BigInt(PAGE), BigInt(PAGE));
    expect(ask(machine, {})).toBe(true);
    expect(ask(machine, { iova: BASE + PAGE - 1 })).toBe(false);
    expect(ask(machine, { iova: BASE + 2 * PAGE })).toBe(true);
  });

  test("only through what is attached now", () => {
    const { machine, vmm, device, ioas, other, iommufd } = startMapped();
    expect(ask(machine, {})).toBe(true);
    vmm.attach(device, other);
    expect(ask(machine, {})).toBe(false);
    vmm.attach(device, ioas);
    expect(ask(machine, {})).toBe(true);
    vmm.unmap(iommufd, ioas, BigInt(BASE), BigInt(SLOT_PAGES * PAGE));
    expect(ask(machine, {})).toBe(false);
    vmm.detach(device);
    expect(ask(machine, { iova: BASE + SLOT_PAGES * PAGE })).toBe(false);
  });

  test("at the place that the area shows, whatever was there before", () => {
    const world = startMapped();
    const { machine, vmm, iommufd, ioas } = world;
    const inSecond = BASE + SLOT_PAGES * PAGE + 5;
    expect(locate(machine, { iova: inSecond })).toBe(SLOT_PAGES * PAGE + 5);
    expect(locate(machine, { iova: BASE + 5 })).toBe(5);
    vmm.unmap(iommufd, ioas, BigInt(BASE), BigInt(SLOT_PAGES * PAGE));
    mapSlot(world, { do: "map", slot: 0, from: "ram", page: 3, flags: READ_WRITE });
    expect(locate(machine, { iova: BASE + 5 })).toBe(3 * PAGE + 5);
  });

  test("also in copies of parts of an area, which share the pins of the whole", () => {
    const { machine, vmm, iommufd, ioas } = startMapped();
    const both = { src_ioas_id: ioas, dst_ioas_id: ioas, flags: READ_WRITE };
    for (const page of [2, 3]) {
      const src_iova = BigInt(BASE + page * PAGE);
      const dst_iova = BigInt(BASE + (4 * SLOT_PAGES + 2 * page) * PAGE);
      vmm.ioctl(iommufd, "IOMMU_IOAS_COPY", { ...both, length: BigInt(PAGE), dst_iova, src_iova });
    }
    const second = BASE + (4 * SLOT_PAGES + 6) * PAGE;
    expect(locate(machine, { iova: second + 9 })).toBe(3 * PAGE + 9);
    expect(locate(machine, { iova: second - 1 })).toBeUndefined();
  });
});
