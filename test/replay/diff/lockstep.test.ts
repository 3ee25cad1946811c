/** Two traces side by side: the same story is the same however it is numbered. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../src/engine/event/index.js";
import { SCENARIOS, tellScenario } from "../../../src/replay/scenario/catalogue/index.js";
import { EVENT_ARBITRARIES } from "../arbitrary-event.js";
import { compareEvents, PROFILE } from "./compare-events.js";
import { renamed, renamingOf } from "./renamed-trace.js";

const TALES = SCENARIOS.filter(({ profiles }) => profiles.some((id) => id === PROFILE)).map(
  (plan) => ({ name: plan.id, events: tellScenario(plan, PROFILE).events }),
);
const STORY = TALES.find(({ name }) => name === "S01")?.events ?? [];

/** `#12 only_in_a`, with the event of A, else of B. */
function placeOf({ parting }: Awaited<ReturnType<typeof compareEvents>>): string {
  return `#${parting?.a?.seq ?? parting?.b?.seq} ${parting?.kind}`;
}

describe("another run of the same story", () => {
  const seeds = [3, 250, 4001];
  test.each(TALES)("$name is the same under other numbers", async ({ events }) => {
    for (const seed of seeds) {
      const names = renamingOf(seed);
      const other = events.map((event) => renamed(event, names));
      const { parting, differences } = await compareEvents(events, other);
      expect(parting).toBeUndefined();
      expect(differences).toEqual([]);
    }
  });

  test("is the same at every point", async () => {
    const names = renamingOf(77);
    const other = STORY.map((event) => renamed(event, names));
    for (const { seq } of STORY) {
      const { differences, ends } = await compareEvents(STORY, other, { seq });
      expect([ends.a.last_seq, ends.b.last_seq]).toEqual([seq, seq]);
      expect(differences).toEqual([]);
    }
  });

  test("is the same where the trace does not record what the kernel chose", async () => {
    const silent = STORY.map((event) => {
      const { ret: _, out: __, ...call } = event as unknown as Record<string, unknown>;
      return (event.type === "ioctl" ? call : event) as unknown as Event;
    });
    const { parting, differences } = await compareEvents(STORY, silent);
    expect([parting, differences]).toEqual([undefined, []]);
  });

  test("two independent calls may come in the other order", async () => {
    const at = STORY.findIndex(({ type }) => type === "memfd_create");
    const between = STORY.slice(at, at + 3);
    const [created, sized, sealed] = between;
    const opened = STORY[at + 3];
    if (!created || !sized || !sealed || !opened) throw new Error("the story has them");
    const other = [
      ...STORY.slice(0, at),
      // The descriptors come out in the other order, too.
      { ...opened, ret: 4 } as Event,
      { ...created, ret: 5 } as Event,
      { ...sized, fd: 5 } as Event,
      { ...sealed, fd: 5 } as Event,
    ];
    const { parting, differences } = await compareEvents(STORY.slice(0, at + 4), other);
    expect([parting, differences]).toEqual([undefined, []]);
  });
});

const NEAR = 8;

/** What two processes do that have nothing to do with each other, in some order. */
function twoProcesses(turns: readonly (0 | 1)[]): Event[] {
  const scripts = [100, 200].map((pid): Record<string, unknown>[] => [
    { type: "process_start", pid, role: "vmm", comm: `vm${pid}`, uid: 0 },
    { type: "open", pid, path: "/dev/iommu", flags: 2, ret: 3 },
    ...[4, 5, 6].flatMap((fd) => [
      { type: "memfd_create", pid, name: `ram${fd}`, flags: 2, ret: fd },
      { type: "ftruncate", pid, fd, length: 0x1000n * BigInt(pid), ret: 0 },
      { type: "ioctl", pid, fd: 3, op: "IOMMU_IOAS_ALLOC", in: {}, ret: 0 },
    ]),
  ]);
  const events = turns.flatMap((turn) => scripts[turn]?.splice(0, 1) ?? []);
  return [...events, ...scripts.flat()].map((event, at) => ({ seq: at + 1, ...event }) as Event);
}

describe("processes beside each other", () => {
  const anyTurns = fc.array(fc.constantFrom(0 as const, 1 as const), { maxLength: 24 });

  test("may be interleaved in any way", async () => {
    await fc.assert(
      fc.asyncProperty(anyTurns, anyTurns, async (turnsA, turnsB) => {
        const found = await compareEvents(twoProcesses(turnsA), twoProcesses(turnsB));
        expect([found.parting, found.differences]).toEqual([undefined, []]);
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  test("hide no call that one of them does not make", async () => {
    await fc.assert(
      fc.asyncProperty(anyTurns, anyTurns, fc.nat(21), async (turnsA, turnsB, where) => {
        const told = twoProcesses(turnsA);
        const missing = told[where];
        fc.pre(missing !== undefined && missing.type !== "process_start");
        const other = twoProcesses(turnsB).filter(
          (event) => JSON.stringify(storyOf(event)) !== JSON.stringify(storyOf(missing)),
        );
        // An IOAS more or less: each of them may be the one that is missing.
        const count = twoProcesses(turnsB).length - other.length;
        const { parting } = await compareEvents(told, other);
        expect(parting?.a?.pid).toBe(missing?.pid);
        if (count === 1) expect(parting?.a?.seq).toBe(missing?.seq);
      }),
      { seed: 5, numRuns: 100 },
    );
  });
});

/** An event without its place. */
function storyOf(event: Event | undefined): unknown {
  const { seq: _, ...rest } = (event ?? {}) as Record<string, unknown>;
  return Object.entries(rest).map(([key, value]) => `${key} ${String(value)}`);
}

/** Events whose like does not stand near: where one is missing, it is clear which. */
function aloneAt(events: readonly Event[], index: number): boolean {
  const kindAt = (at: number): string => {
    const event = events[at];
    return event?.type === "ioctl" ? event.op : (event?.type ?? "");
  };
  const kind = kindAt(index);
  for (let away = 1; away <= NEAR; away++) {
    if (kindAt(index - away) === kind || kindAt(index + away) === kind) return false;
  }
  return true;
}

const anyTale = fc.constantFrom(...TALES.map(({ events }) => events));
const anySeed = fc.integer({ min: 1, max: 5000 });

describe("a run that parts from the story", () => {
  test("one call less: the missing one is named", async () => {
    await fc.assert(
      fc.asyncProperty(anyTale, anySeed, fc.nat(), async (events, seed, where) => {
        const index = where % events.length;
        fc.pre(aloneAt(events, index));
        const names = renamingOf(seed);
        const other = events.filter((_, at) => at !== index).map((event) => renamed(event, names));
        const found = await compareEvents(events, other);
        expect(found.parting?.a?.seq).toBe(events[index]?.seq);
      }),
      { seed: 1, numRuns: 80 },
    );
  });

  test("any call of the story that is missing is named", async () => {
    for (const event of STORY) {
      const other = STORY.filter((one) => one !== event);
      expect(placeOf(await compareEvents(STORY, other))).toBe(`#${event.seq} only_in_a`);
      expect((await compareEvents(other, STORY)).parting).toMatchObject({
        kind: "only_in_b",
        b: { seq: event.seq },
      });
    }
  });

  test("one call with another argument: that call is named", async () => {
    await fc.assert(
      fc.asyncProperty(anyTale, anySeed, fc.nat(), async (events, seed, where) => {
        const index = where % events.length;
        const event = events[index];
        const mutated = event && withOtherArgument(event);
        fc.pre(mutated !== undefined);
        const names = renamingOf(seed);
        const told = events.map((one, at) => (at === index && mutated ? mutated : one));
        const other = told.map((one) => renamed(one, names));
        const found = await compareEvents(events, other);
        expect(found.parting?.a?.seq).toBe(event?.seq);
      }),
      { seed: 2, numRuns: 80 },
    );
  });

  test("a call that another kernel refuses", async () => {
    const index = STORY.findIndex((e) => e.type === "ioctl" && e.op === "IOMMU_HWPT_LU_RESTORE");
    const refused = STORY.map((event, at) =>
      at === index ? ({ ...event, ret: -1, errno: "ENOENT", out: {} } as Event) : event,
    );
    const found = await compareEvents(STORY, refused);
    expect(placeOf(found)).toBe(`#${STORY[index]?.seq} result`);
  });

  test("another file under the same descriptor", async () => {
    const index = STORY.findIndex((e) => e.type === "ioctl" && e.op === "IOMMU_IOAS_MAP_FILE");
    const event = STORY[index];
    if (event?.type !== "ioctl" || !event.in) throw new Error("the story maps its memory");
    const other: Event = { ...event, in: { ...event.in, fd: 3 } };
    const found = await compareEvents(STORY, STORY.with(index, other));
    expect(placeOf(found)).toBe(`#${event.seq} differs`);
  });

  test("the order of calls counts where it changes their results", async () => {
    const index = STORY.findIndex(
      (e) => e.type === "ioctl" && e.op === "LIVEUPDATE_SESSION_PRESERVE_FD",
    );
    const [memory, iommufd] = [STORY[index], STORY[index + 1]];
    if (memory?.type !== "ioctl" || iommufd?.type !== "ioctl") throw new Error("two calls");
    const early: Event = { ...iommufd, ret: -1, errno: "ENOENT" };
    const other = [...STORY.slice(0, index), early, memory, ...STORY.slice(index + 2)];
    const found = await compareEvents(STORY, other);
    expect(placeOf(found)).toBe(`#${memory.seq} order`);
  });

  test("a trace that ends early", async () => {
    const found = await compareEvents(STORY, STORY.slice(0, 20));
    expect(placeOf(found)).toBe(`#${STORY[20]?.seq} only_in_a`);
    expect(found.parting?.b).toBeUndefined();
  });
});

/** The event with one number changed that no other run would have otherwise. */
function withOtherArgument(event: Event): Event | undefined {
  switch (event.type) {
    case "dma":
      return { ...event, iova: event.iova + 0x1000n };
    case "ftruncate":
      return { ...event, length: event.length + 0x1000n };
    case "memfd_create":
      return { ...event, name: `${event.name}2` };
    case "ioctl": {
      const field = ["iova", "length", "flags"].find((name) => event.in?.[name] !== undefined);
      const value = field === undefined ? undefined : event.in?.[field];
      if (field === undefined || value === undefined || typeof value === "string") return undefined;
      const changed = typeof value === "bigint" ? value + 0x1000n : value ^ 8;
      return { ...event, in: { ...event.in, [field]: changed } };
    }
    default:
      return undefined;
  }
}

test("whatever the events, they are the same as themselves", async () => {
  const anyEvents = fc.array(
    fc.constantFrom(...EVENT_ARBITRARIES.values()).chain((arbitrary) => arbitrary),
    { minLength: 1, maxLength: 30 },
  );
  const placed = (events: readonly Event[]): Event[] => [
    ...STORY.slice(0, 25),
    ...events.map((event, index) => ({ ...event, seq: 100 + index }) as Event),
  ];
  await fc.assert(
    fc.asyncProperty(anyEvents, anyEvents, async (a, b) => {
      const itself = await compareEvents(placed(a), placed(a));
      expect([itself.parting, itself.differences]).toEqual([undefined, []]);
      await compareEvents(placed(a), placed(b));
    }),
    { seed: 3, numRuns: 150 },
  );
});
