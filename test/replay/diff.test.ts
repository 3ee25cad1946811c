import { describe, expect, test } from "vitest";
import { diffStates } from "../../src/replay/diff/diff-states.js";
import type { Difference } from "../../src/replay/diff/difference.js";
import { Scenario } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";
import { describeMachine } from "../../src/replay/state/describe-state.js";

const PAGE = 0x1000n;
const MIB = 0x10_0000n;

/** What a story made: descriptors and ids of one VM. */
interface Vm {
  readonly scenario: Scenario;
  readonly vmm: ScenarioProcess;
  readonly luo: number;
  readonly session: number;
  readonly ram: number;
  readonly iommufd: number;
  readonly ioas: number;
}

interface Variation {
  /** Makes pids, descriptors, ids and serials come out differently. */
  readonly shifted?: boolean;
  readonly also?: (vm: Vm) => void;
}

function vm({ shifted = false, also }: Variation = {}): Scenario {
  const scenario = new Scenario({ profile: "luo73", title: "diff" });
  if (shifted) scenario.start("other").exit();
  const vmm = scenario.start("vmm");
  // The pipe stays open in both stories, at different numbers.
  if (shifted) vmm.sealedMemfd("log", PAGE);
  const luo = vmm.open("/dev/liveupdate");
  if (!shifted) vmm.sealedMemfd("log", PAGE);
  const session = vmm.createSession(luo, "vm7");
  const ram = vmm.sealedMemfd("ram", MIB);
  const iommufd = vmm.open("/dev/iommu");
  if (shifted) vmm.allocIoas(iommufd);
  const ioas = vmm.allocIoas(iommufd);
  if (shifted) vmm.destroy(iommufd, 1);
  vmm.mapFile(iommufd, { ioas, memfd: ram, iova: 0n, length_bytes: MIB });
  vmm.preserve(session, ram, 1n);
  also?.({ scenario, vmm, luo, session, ram, iommufd, ioas });
  return scenario;
}

function diff(a: Scenario, b: Scenario): Difference[] {
  return diffStates(describeMachine(a.machine), describeMachine(b.machine));
}

const messages = (a: Scenario, b: Scenario): string[] => diff(a, b).map(({ message }) => message);

function kexec({ scenario, vmm }: Vm): ScenarioProcess {
  const { pid } = vmm;
  scenario.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
  scenario.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
  scenario.add({ type: "boot", kind: "kexec", boot: 2, liveupdate: true, kho: true });
  return scenario.start("vmm");
}

describe("states that are the same to a user", () => {
  test("two runs of one story", () => {
    expect(diff(vm(), vm())).toEqual([]);
  });

  test("other pids, descriptors, ids and serials", () => {
    expect(diff(vm(), vm({ shifted: true }))).toEqual([]);
    expect(diff(vm({ shifted: true }), vm())).toEqual([]);
  });

  test("one area or two areas side by side that show the same memory", () => {
    const halves = vm({
      also: ({ vmm, iommufd, ioas, ram }) => {
        vmm.unmap(iommufd, ioas, 0n, MIB);
        const half = { ioas, memfd: ram, length_bytes: MIB / 2n };
        vmm.mapFile(iommufd, { ...half, iova: 0n });
        vmm.mapFile(iommufd, { ...half, iova: MIB / 2n, start: MIB / 2n });
      },
    });
    expect(diff(vm(), halves)).toEqual([]);
  });
});

describe("mappings", () => {
  const remap = (
    ...parts: readonly [iova: bigint, length: bigint, start: bigint][]
  ): Variation => ({
    also: ({ vmm, iommufd, ioas, ram }) => {
      vmm.unmap(iommufd, ioas, 0n, MIB);
      for (const [iova, length_bytes, start] of parts) {
        vmm.mapFile(iommufd, { ioas, memfd: ram, iova, length_bytes, start });
      }
    },
  });

  test("a mapping that is missing, with its IOVAs and what it showed", () => {
    const [difference, ...more] = diff(vm(), vm(remap([0n, MIB - PAGE, 0n])));
    expect(more).toEqual([]);
    expect(difference).toEqual({
      kind: "mapping",
      object: "iommufd#1/ioas:1",
      field: "0xff000..0xfffff",
      a: 'vm7/memfd "ram" + 0xff000 rw',
      b: null,
      message:
        'iommufd#1/ioas:1: mapping missing in B at IOVA 0xff000..0xfffff (vm7/memfd "ram" + ' +
        "0xff000 rw)",
    });
  });

  test("a mapping that only the second state has", () => {
    const more = vm(remap([0n, MIB, 0n], [2n * MIB, PAGE, 0n]));
    expect(diff(vm(), more)).toMatchObject([{ field: "0x200000..0x200fff", a: null }]);
  });

  test("other memory at the same IOVA, only where it is other memory", () => {
    const moved = vm(remap([0n, PAGE, PAGE], [PAGE, MIB - PAGE, PAGE]));
    expect(diff(vm(), moved)).toMatchObject([
      { field: "0x0..0xfff", a: 'vm7/memfd "ram" + 0x0 rw', b: 'vm7/memfd "ram" + 0x1000 rw' },
    ]);
  });

  test("everything is missing", () => {
    expect(diff(vm(), vm(remap()))).toMatchObject([{ field: "0x0..0xfffff", b: null }]);
  });

  test("a flood of differences is cut and counted", () => {
    const many = (stride: bigint): Scenario =>
      vm({
        also: ({ vmm, iommufd, ioas, ram }) => {
          for (let n = 1n; n <= 1200n; n++) {
            const iova = 0x1000_0000n + n * stride;
            vmm.mapFile(iommufd, { ioas, memfd: ram, iova, length_bytes: PAGE });
          }
        },
      });
    const found = diff(many(2n * PAGE), vm());
    expect(found).toHaveLength(1001);
    expect(found.at(-1)?.message).toContain("200 more mappings differ");
  });
});

describe("sessions", () => {
  test("a session that was not finished", () => {
    const retrieve = (finish: boolean): Variation => ({
      also: (vm) => {
        const vmm = kexec(vm);
        const session = vmm.retrieveSession(vmm.open("/dev/liveupdate"), "vm7");
        vmm.retrieve(session, 1n);
        if (finish) vmm.finish(session);
      },
    });
    expect(messages(vm(retrieve(true)), vm(retrieve(false)))).toEqual([
      'session "vm7"@boot2: is finished in A, retrieved, not finished in B',
      'vm7/memfd "ram" as token 0x1 of session "vm7"@boot2 only in B',
    ]);
  });

  test("a session that is gone takes its state into the message", () => {
    const gone = vm({ also: ({ vmm, session }) => vmm.close(session) });
    expect(messages(vm(), gone)).toEqual([
      'session "vm7" only in A (created, not handed over)',
      'vm7/memfd "ram": frozen by live update yes in A, no in B',
    ]);
  });

  test("tokens that were chosen otherwise", () => {
    const other = (tokens: readonly [bigint, bigint]): Variation => ({
      also: ({ vmm, session }) => {
        vmm.preserve(session, vmm.sealedMemfd("one", PAGE), tokens[0]);
        vmm.preserve(session, vmm.sealedMemfd("two", PAGE), tokens[1]);
      },
    });
    // A program may number its files as it likes: what counts is which files cross.
    expect(messages(vm(other([2n, 3n])), vm(other([3n, 2n])))).toEqual([]);
    expect(messages(vm(other([2n, 3n])), vm(other([2n, 4n])))).toEqual([]);
  });

  test("a file that was not preserved", () => {
    const both: Variation = {
      also: ({ vmm, session }) => {
        vmm.preserve(session, vmm.sealedMemfd("disk", PAGE), 2n);
      },
    };
    const forgotten: Variation = { also: ({ vmm }) => void vmm.sealedMemfd("disk", PAGE) };
    expect(messages(vm(both), vm(forgotten))).toEqual([
      'vm7/memfd "disk" as token 0x2 of session "vm7" only in A',
      'vm7/memfd "disk": frozen by live update yes in A, no in B',
    ]);
  });
});

describe("memfds, processes and holders", () => {
  test("memfds of one name are matched in the order in which they were made", () => {
    const two = (sizes: readonly bigint[]): Variation => ({
      also: ({ vmm }) => {
        for (const size of sizes) vmm.sealedMemfd("bar", size);
      },
    });
    expect(messages(vm(two([PAGE, MIB])), vm(two([PAGE, 2n * MIB])))).toEqual([
      'memfd "bar"#2: size 0x100000 in A, 0x200000 in B',
    ]);
  });

  test("a memfd that was punched, sealed or written", () => {
    const written = vm({
      also: ({ vmm, scenario }) => {
        const fd = vmm.sealedMemfd("bar", PAGE);
        const data = new Uint8Array([1]);
        scenario.call({ type: "write", pid: vmm.pid, fd, count: 1n, data });
      },
    });
    const empty = vm({ also: ({ vmm }) => void vmm.sealedMemfd("bar", PAGE) });
    expect(diff(empty, written)).toMatchObject([{ kind: "memfd", field: "contents" }]);
  });

  test("a process that is gone, and what it held", () => {
    const two = vm({
      also: ({ vmm, session }) => {
        const manager = vmm.spawn("manager");
        vmm.pass(session, manager);
      },
    });
    const crashed = vm({
      also: ({ vmm, session }) => {
        const manager = vmm.spawn("manager");
        vmm.pass(session, manager);
        manager.crash();
      },
    });
    expect(messages(two, crashed)).toContain("process 101 (manager) only in A");
  });

  test("a descriptor that one process closed", () => {
    const closed = vm({ also: ({ vmm, iommufd }) => vmm.close(iommufd) });
    expect(messages(vm(), closed)).toEqual(["iommufd#1 only in A"]);
    const dup: Variation = {
      also: ({ vmm, session }) => {
        const manager = vmm.spawn("manager");
        vmm.pass(session, manager);
        vmm.close(session);
      },
    };
    const both: Variation = {
      also: ({ vmm, session }) => {
        const manager = vmm.spawn("manager");
        vmm.pass(session, manager);
      },
    };
    expect(messages(vm(both), vm(dup))).toEqual([
      'session "vm7" is held open by process 100 (vmm) only in A',
    ]);
  });

  test("the kernel's number", () => {
    expect(messages(vm(), vm({ also: (vm) => void kexec(vm) }))[0]).toBe(
      "the kernel: its number is 1 in A, 2 in B",
    );
  });
});
