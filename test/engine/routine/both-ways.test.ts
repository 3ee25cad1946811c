/**
 * Routine calls on plain numbers leave what the ordinary way leaves: the same state, the same
 * findings, the same account of what was predicted.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createChecker } from "../../../src/checkers/checker.js";
import type { Event } from "../../../src/engine/event/index.js";
import { PROFILES, type ProfileId } from "../../../src/engine/profile/index.js";
import {
  ROUTINE_KINDS,
  type RoutineCall,
  type RoutineKind,
} from "../../../src/engine/routine/routine-call.js";
import { analyse, type EventSource } from "../../../src/replay/analysis.js";
import { eventLine } from "../../../src/replay/encode.js";
import { NativeReader } from "../../../src/replay/reader.js";
import { ReplayAccount } from "../../../src/replay/replay.js";
import { setup, TWO_NICS, type Vm } from "../../../src/replay/scenario/blocks.js";
import { type PlannedEvent, Scenario } from "../../../src/replay/scenario/scenario.js";
import { describeMachine } from "../../../src/replay/state/describe-state.js";

const PAGE = 0x1000n;
/** Mappings, memory and files have so many pages. */
const PAGES = 8;
const BUFFER = 0x7f00_0000_0000n;
const IOVA = 0x1_0000_0000n;
const MAP_PRIVATE_ANONYMOUS = 0x22;
/** Who opens it to write may change what the device can do. */
const BDF_CONFIG = "/sys/bus/pci/devices/0000:3b:00.0/config";

type Step = (vm: Vm) => PlannedEvent;

const page = fc.nat(PAGES - 1);
const pages = fc.constantFrom(1, 1, 1, 1, 2, 3);
const bytes = fc.constantFrom(0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 1n, 0x800n);
/** Mostly a mapping with all rights at a fixed place. */
const flags = fc.constantFrom(7, 7, 7, 7, 3, 5, 6, 1, 9);
const ioas_of = (vm: Vm, other: boolean) => (other ? 1 : vm.ioas);
const ret = fc.constantFrom(
  {},
  {},
  {},
  {},
  {},
  {},
  { ret: 0 },
  { ret: -1, errno: "EFAULT" as const },
);
const other = fc.constantFrom(false, false, false, false, true);
const arg = fc.constantFrom({}, {}, {}, { arg: 0x7ffc_0000_0000n }, { arg: 0n });

function ioctl(
  vm: Vm,
  op: string,
  fields: Record<string, number | bigint>,
  more: object,
): PlannedEvent {
  return { type: "ioctl", pid: vm.vmm.pid, fd: vm.iommufd, op, in: fields, ...more };
}

const map = fc
  .tuple(page, page, pages, bytes, flags, other, ret, arg)
  .map(([at, from, count, odd, how, elsewhere, answer, place]): Step => {
    return (vm) => {
      const length = BigInt(count) * PAGE - odd;
      const fields = {
        flags: how,
        ioas_id: ioas_of(vm, elsewhere),
        user_va: BUFFER + BigInt(from) * PAGE + odd,
        length,
        iova: IOVA + BigInt(at) * PAGE,
      };
      return ioctl(vm, "IOMMU_IOAS_MAP", fields, { ...answer, ...place });
    };
  });

const map_file = fc
  .tuple(page, page, pages, flags, other, ret)
  .map(([at, from, count, how, elsewhere, answer]): Step => {
    return (vm) => {
      const fields = {
        flags: how,
        ioas_id: ioas_of(vm, elsewhere),
        fd: vm.memfd,
        start: BigInt(from) * PAGE,
        length: BigInt(count) * PAGE,
        iova: IOVA + BigInt(at) * PAGE,
      };
      return ioctl(vm, "IOMMU_IOAS_MAP_FILE", fields, answer);
    };
  });

const unmap = fc.tuple(page, pages, other, ret).map(([at, count, elsewhere, answer]): Step => {
  return (vm) => {
    const iova = IOVA + BigInt(at) * PAGE;
    const fields = { ioas_id: ioas_of(vm, elsewhere), iova, length: BigInt(count) * PAGE };
    return ioctl(vm, "IOMMU_IOAS_UNMAP", fields, answer);
  };
});

const dma = fc
  .tuple(
    page,
    fc.integer({ min: 1, max: 9000 }),
    fc.boolean(),
    fc.constantFrom("ok", "ok", "fault"),
  )
  .map(([at, length_bytes, write, observed]): Step => {
    return (vm) => ({
      type: "dma",
      device: vm.device.bdf,
      iova: IOVA + BigInt(at) * PAGE,
      length_bytes,
      direction: write ? "write" : "read",
      observed: observed as "ok" | "fault",
    });
  });

const store = fc.tuple(page, fc.nat(9000)).map(([at, length_bytes]): Step => {
  return ({ vmm: { pid }, memfd }) => {
    return { type: "cpu_write", pid, fd: memfd, offset: BigInt(at) * PAGE, length_bytes };
  };
});

/** Mostly files that the model does not look into, at numbers of which some are in use. */
const open = fc
  .tuple(
    fc.constantFrom("/dev/null", "/dev/null", "/etc/hosts", "/dev/iommu", BDF_CONFIG),
    fc.nat(30),
    fc.constantFrom(0, 2, 0o2000002, 0o10000000),
  )
  .map(([path, ret, how]): Step => {
    return ({ vmm: { pid } }) => ({ type: "open", pid, path, flags: how, ret });
  });

const note = page.map((at): Step => {
  return ({ vmm: { pid } }) => ({ type: "note", pid, text: `step ${at}` });
});

const close = fc.nat(30).map((fd): Step => {
  return ({ vmm: { pid } }) => ({ type: "close", pid, fd, ret: 0 });
});

const dup = fc.tuple(fc.nat(30), fc.nat(30)).map(([fd, target]): Step => {
  return ({ vmm: { pid } }) => ({ type: "dup", pid, how: "dup2", fd, target, ret: target });
});

function limit(count: number): { cur: bigint; max: bigint } {
  return { cur: BigInt(count) * PAGE, max: BigInt(count) * PAGE };
}

/** What changes the memory behind mappings, or who may map. */
const change = fc.tuple(fc.nat(7), page, pages).map(([what, at, count]): Step => {
  return ({ vmm: { pid }, memfd, ioas, iommufd }): PlannedEvent => {
    const place = { addr: BUFFER + BigInt(at) * PAGE, length: BigInt(count) * PAGE };
    const offset = BigInt(at) * PAGE;
    switch (what) {
      case 0:
        return { type: "munmap", pid, ...place };
      case 1: {
        const memory = { prot: 3, flags: MAP_PRIVATE_ANONYMOUS, fd: -1, offset: 0n };
        return { type: "mmap", pid, ...place, ...memory, address: place.addr };
      }
      case 2:
        return { type: "mprotect", pid, ...place, prot: count & 3 };
      case 3:
        return { type: "fallocate", pid, fd: memfd, mode: 3, offset, length: place.length };
      case 4:
        return { type: "mmap", pid, ...place, prot: 3, flags: 1, fd: memfd, offset };
      case 5:
        return { type: "setrlimit", pid, resource: "RLIMIT_MEMLOCK", ...limit(count) };
      case 6: {
        const fields = { size: 40, op: 1, id: ioas, dst_ioas_id: ioas };
        return { type: "ioctl", pid, fd: iommufd, op: "IOMMU_OPTION", in: fields };
      }
      default:
        return { type: "note", pid, text: `step ${at}` };
    }
  };
});

/** Memory that cannot be written any more, or can again. */
const protect = fc.tuple(page, fc.constantFrom(1, 1, 3)).map(([at, prot]): Step => {
  return ({ vmm: { pid } }) => {
    return { type: "mprotect", pid, addr: BUFFER + BigInt(at) * PAGE, length: PAGE, prot };
  };
});

const steps = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: map },
    { weight: 6, arbitrary: map_file },
    { weight: 9, arbitrary: unmap },
    { weight: 9, arbitrary: dma },
    { weight: 2, arbitrary: store },
    { weight: 1, arbitrary: note },
    { weight: 1, arbitrary: change },
    { weight: 1, arbitrary: protect },
    { weight: 3, arbitrary: open },
    { weight: 2, arbitrary: close },
    { weight: 1, arbitrary: dup },
  ),
  { minLength: 20, maxLength: 120, size: "max" },
);

/** A VM with a mapped device, and then any steps; its last one ends the VMM. */
function linesOf(
  profile: ProfileId,
  plan: readonly Step[],
  charged: boolean,
  marked: boolean,
): string[] {
  const scenario = new Scenario({ profile, title: "any", machine: TWO_NICS });
  const vm = setup(scenario, {
    memory_bytes: BigInt(PAGES) * PAGE,
    ...(marked ? {} : { unmarked: true }),
  });
  const { pid } = vm.vmm;
  const memory = { addr: BUFFER, length: BigInt(PAGES) * PAGE, prot: 3, fd: -1, offset: 0n };
  scenario.add({ type: "mmap", pid, ...memory, flags: MAP_PRIVATE_ANONYMOUS, address: BUFFER });
  // Without the capability it is charged for what it pins, up to a limit.
  if (charged) {
    scenario.add({ type: "capset", pid, caps: "=ep cap_ipc_lock-e", ret: 0 });
    scenario.add({ type: "setrlimit", pid, resource: "RLIMIT_MEMLOCK", ...limit(4) });
  }
  const first = scenario.last_seq + 1;
  const events = plan.map((step, index) => ({ ...step(vm), seq: first + index }) as Event);
  const exit: Event = { type: "exit", pid, code: 0, seq: first + plan.length };
  return [...scenario.events, ...events, exit].map(eventLine);
}

interface Answers {
  /** State, findings and account, to be compared. */
  readonly text: string;
  /** Which routine calls there were. */
  readonly routine: readonly RoutineKind[];
}

async function answers(
  lines: readonly string[],
  profile: ProfileId,
  no_routine: boolean,
): Promise<Answers> {
  const block = {
    bytes: Buffer.from(lines.map((line) => `${line}\n`).join("")),
    first_line: 1,
    complete: true,
    ascii: true,
  };
  const source: Pick<EventSource, "drive" | "close"> = {
    drive: async (sink) => {
      new NativeReader("any").drive(block, sink);
    },
    close: async () => {},
  };
  const checker = createChecker({ profile, header: { profile } });
  const account = new ReplayAccount();
  const routine: RoutineKind[] = [];
  const run = await analyse(source as EventSource, {
    profile: PROFILES[profile],
    no_routine,
    listeners: [
      (step, machine) => {
        if (step.event.type === "exit") return;
        checker.step(step, machine);
        account.add(step);
      },
    ],
    routine: {
      allows: (call: RoutineCall) => checker.routine.allows(call),
      passed(call: RoutineCall) {
        routine.push(call.kind);
        checker.routine.passed(call);
        account.addRoutine(call);
      },
    },
  });
  const { calls, byOp, divergences, events, unrecorded } = account;
  const text = JSON.stringify(
    {
      state: describeMachine(run.machine).document,
      reached: run.machine.devices.entries().map(({ reached_seq }) => reached_seq),
      findings: checker.finish({}, run.machine),
      account: { calls, by_op: [...byOp].sort(), divergences, events, unrecorded },
    },
    (_key, value: unknown) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value),
    1,
  );
  return { text, routine };
}

describe.each(["luo73", "seed", "p2"] as const)("any calls under %s", (profile) => {
  test("come to the same on plain numbers and as events", async () => {
    const routine = new Map<RoutineKind, number>();
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), fc.boolean(), fc.nat(120), async (plan, ...chance) => {
        const [charged, mark, cut] = chance;
        // With the exit, and without it: what is alive is part of the state.
        const lines = linesOf(profile, plan, charged, mark && profile !== "luo73");
        for (const part of [lines, lines.slice(0, Math.max(20, lines.length - 1 - cut))]) {
          const quick = await answers(part, profile, false);
          const ordinary = await answers(part, profile, true);
          for (const kind of quick.routine) routine.set(kind, (routine.get(kind) ?? 0) + 1);
          expect(ordinary.routine).toStrictEqual([]);
          expect(quick.text).toBe(ordinary.text);
        }
      }),
      { numRuns: 60 },
    );
    for (const kind of ROUTINE_KINDS) {
      expect(routine.get(kind) ?? 0, kind).toBeGreaterThan(10);
    }
  });
});
