/** Routine calls are read as the same numbers that the event has, or left to be an event. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import {
  ABSENT,
  ROUTINE_EVENTS,
  ROUTINE_KINDS,
  RoutineCall,
  type RoutineKind,
} from "../../src/engine/routine/routine-call.js";
import { decodeEvent, parseObject } from "../../src/replay/decode.js";
import { show } from "../../src/replay/decode-fast-scalars.js";
import { decodeRoutine } from "../../src/replay/decode-routine.js";
import { eventLine } from "../../src/replay/encode.js";

/** The call of a whole line; undefined where the line is no routine call. */
function routine(line: string | Buffer): RoutineCall | undefined {
  const bytes = Buffer.concat([Buffer.from(line), Buffer.from("\n")]);
  const cursor = { bytes, at: 0 };
  show(cursor, bytes);
  const call = new RoutineCall();
  if (decodeRoutine?.(cursor, call) !== true || cursor.at !== bytes.length - 1) return undefined;
  return call;
}

/** The numbers that an event of this kind must have. */
function expected(event: Event, kind: RoutineKind): object {
  const { seq } = event;
  const plain = (value: unknown, absent = 0) => (value === undefined ? absent : Number(value));
  const common = {
    seq,
    ts: plain(event.ts, ABSENT),
    ts_end: plain(event.ts_end, ABSENT),
    pid: plain(event.pid, ABSENT),
    tid: plain(event.tid, ABSENT),
  };
  switch (event.type) {
    case "ioctl": {
      const fields = event.in ?? {};
      const address = { map: "user_va", map_file: "start" }[kind as "map" | "map_file"];
      return {
        ...common,
        fd: event.fd,
        arg: plain(event.arg, ABSENT),
        recorded: event.ret === 0,
        ioas_id: fields["ioas_id"],
        iova: plain(fields["iova"]),
        length: plain(fields["length"]),
        ...(address === undefined
          ? {}
          : { flags: fields["flags"], address: plain(fields[address]) }),
        ...(kind === "map_file" ? { file_fd: fields["fd"] } : {}),
      };
    }
    case "dma":
      expect(event.observed).toBe("ok");
      return {
        ...common,
        device_name: event.device,
        iova: plain(event.iova),
        length: event.length_bytes,
        write: event.direction === "write",
      };
    case "open":
      return { ...common, path: event.path, flags: event.flags, fd: event.ret, recorded: true };
    case "close":
      expect(event.ret).toBe(0);
      return { ...common, fd: event.fd, recorded: true };
    case "cpu_write":
      return { ...common, fd: event.fd, address: plain(event.offset), length: event.length_bytes };
    default:
      return common;
  }
}

const seq = fc.nat();
const ts = fc.option(fc.nat(), { nil: undefined });
const small = fc.nat(100_000);
const u64 = fc.oneof(
  fc.bigInt(0n, 0xf_ffffn).map((pages) => pages << 12n),
  fc.bigInt(0n, (1n << 52n) - 1n),
  fc.bigInt(0n, (1n << 64n) - 1n),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const common = {
  seq,
  ts,
  ts_end: ts,
  pid: fc.integer({ min: 1, max: 9999 }),
  tid: optional(small),
};
const ioctl = {
  ...common,
  type: fc.constant("ioctl" as const),
  fd: fc.nat(99),
  arg: optional(u64),
  ret: optional(fc.constantFrom(0, 0, 0, -1)),
};

const struct = {
  map: fc.record({
    size: optional(fc.constantFrom(40, 40, 48)),
    flags: fc.nat(15),
    ioas_id: small,
    __reserved: optional(fc.constantFrom(0, 0, 1)),
    user_va: u64,
    length: u64,
    iova: u64,
  }),
  map_file: fc.record({
    size: optional(fc.constantFrom(40, 40, 48)),
    flags: fc.nat(15),
    ioas_id: small,
    fd: fc.nat(99),
    start: u64,
    length: u64,
    iova: u64,
  }),
  unmap: fc.record({ size: optional(fc.constant(24)), ioas_id: small, iova: u64, length: u64 }),
};

/** Undefined fields are fields that the line does not have. */
function without<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

const anyEvent = fc
  .oneof(
    ...(["map", "map_file", "unmap"] as const).map((kind) =>
      fc.record({
        ...ioctl,
        op: fc.constant(ROUTINE_EVENTS[kind].op),
        in: (struct[kind] as fc.Arbitrary<object>).map(without),
      }),
    ),
    fc.record({
      ...common,
      type: fc.constant("dma" as const),
      device: fc.constantFrom("0000:3b:00.0", "vfio0", 'a "quoted" one', "é"),
      iova: u64,
      length_bytes: fc.nat(),
      direction: fc.constantFrom("read" as const, "write" as const),
      observed: fc.constantFrom("ok" as const, "ok" as const, "fault" as const),
      pasid: fc.option(fc.constant(1), { nil: undefined, freq: 2 }),
    }),
    fc.record({
      ...common,
      type: fc.constant("cpu_write" as const),
      fd: fc.nat(99),
      offset: u64,
      length_bytes: fc.nat(),
      sigbus: fc.option(fc.boolean(), { nil: undefined, freq: 2 }),
    }),
    fc.record({ ...common, type: fc.constant("note" as const), text: fc.string() }),
    fc.record({
      ...common,
      type: fc.constant("open" as const),
      path: fc.constantFrom("/dev/null", "/dev/iommu", "a\nb", "é"),
      flags: fc.nat(0xfff),
      ret: optional(fc.constantFrom(0, 7, 2 ** 40, -1)),
    }),
    fc.record({
      ...common,
      type: fc.constant("close" as const),
      fd: fc.nat(99),
      ret: optional(fc.constantFrom(0, 0, -1)),
    }),
  )
  .map((event) => without(event as object) as Event);

function kindOf(event: Event): RoutineKind | undefined {
  const kinds = ROUTINE_KINDS;
  const op = event.type === "ioctl" ? event.op : undefined;
  return kinds.find(
    (kind) => ROUTINE_EVENTS[kind].type === event.type && ROUTINE_EVENTS[kind].op === op,
  );
}

describe("a line that is read as a routine call", () => {
  test.each([
    ["a process", '{"seq":1,"type":"note","pid":2147483648,"text":"x"}'],
    ["a thread", '{"seq":1,"type":"note","tid":2147483648,"text":"x"}'],
    ["flags", '{"seq":1,"type":"open","pid":1,"path":"x","flags":4294967296,"ret":3}'],
  ])("has no number for %s that the format does not allow", (_what, line) => {
    expect(routine(line)).toBeUndefined();
    expect(() => decodeEvent(parseObject(line))).toThrow();
  });

  test("has the numbers of its event, and nothing that the call does not hold", () => {
    const taken = new Map<RoutineKind, number>();
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = eventLine(event);
        const call = routine(line);
        if (call === undefined) return;
        taken.set(call.kind, (taken.get(call.kind) ?? 0) + 1);
        const read = decodeEvent(parseObject(line));
        if (read === undefined) throw new Error("the line holds no event");
        expect(call.kind).toBe(kindOf(read));
        expect(call).toMatchObject(expected(read, call.kind));
        if (read.type === "ioctl") expect([undefined, 0]).toContain(read.ret);
        if (read.type === "dma") expect(read.pasid).toBeUndefined();
        if (read.type === "cpu_write") expect(read.sigbus).toBeUndefined();
      }),
      { numRuns: 4000 },
    );
    for (const kind of ROUTINE_KINDS) {
      expect(taken.get(kind) ?? 0, kind).toBeGreaterThan(20);
    }
  });

  test("is never one that the slow way refuses or reads otherwise", () => {
    const bytes = fc.oneof(
      fc.nat(255),
      fc.constantFrom(...[...'{}[]",:0123456789-+.eE\\nx '].map((text) => text.charCodeAt(0))),
    );
    const edits = fc.array(fc.tuple(fc.nat(300), fc.constantFrom("set", "cut", "add"), bytes), {
      minLength: 1,
      maxLength: 2,
    });
    fc.assert(
      fc.property(anyEvent, edits, (event, changes) => {
        const line = [...Buffer.from(eventLine(event))];
        for (const [place, how, byte] of changes) {
          const at = place % (line.length + 1);
          line.splice(at, how === "add" ? 0 : 1, ...(how === "cut" ? [] : [byte]));
        }
        const broken = Buffer.from(line);
        const call = routine(broken);
        if (call === undefined) return;
        const read = decodeEvent(parseObject(broken.toString("utf8")));
        if (read === undefined) throw new Error("the line holds no event");
        expect(call).toMatchObject(expected(read, call.kind));
      }),
      { numRuns: 6000 },
    );
  });
});
