import { describe, expect, test } from "vitest";
import { Scenario } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";
import { describeState } from "../../src/replay/state/describe-state.js";
import { stateHash } from "../../src/replay/state/state-hash.js";
import { type StateObject, toPlain } from "../../src/replay/state/state-value.js";

const PAGE = 0x1000n;
const MIB = 0x10_0000n;

type Story = (vmm: ScenarioProcess, scenario: Scenario) => void;

function after(...stories: readonly Story[]): Scenario {
  const scenario = new Scenario({ profile: "luo73", title: "state" });
  const vmm = scenario.start("vmm");
  for (const story of stories) story(vmm, scenario);
  return scenario;
}

const hashAfter = (...stories: readonly Story[]): string => stateHash(after(...stories).machine);

interface Document {
  readonly [section: string]: readonly StateObject[] | undefined;
}

const documentAfter = (...stories: readonly Story[]): Document =>
  toPlain(describeState(after(...stories).machine)) as unknown as Document;

/** Guest memory mapped into an IOAS, and preserved in a session. */
const vm: Story = (vmm) => {
  const luo = vmm.open("/dev/liveupdate");
  const session = vmm.createSession(luo, "vm7");
  const ram = vmm.sealedMemfd("ram", MIB);
  const iommufd = vmm.open("/dev/iommu");
  const ioas = vmm.allocIoas(iommufd);
  vmm.mapFile(iommufd, { ioas, memfd: ram, iova: 0n, length_bytes: MIB });
  vmm.preserve(session, ram, 1n);
};

/** Makes all kinds of things and takes them away again. */
const detour: Story = (vmm) => {
  const luo = vmm.open("/dev/liveupdate");
  const session = vmm.createSession(luo, "gone");
  const memfd = vmm.sealedMemfd("gone", PAGE);
  const iommufd = vmm.open("/dev/iommu");
  const ioas = vmm.allocIoas(iommufd);
  vmm.mapFile(iommufd, { ioas, memfd, iova: 0n, length_bytes: PAGE });
  vmm.preserve(session, memfd, 1n);
  const child = vmm.spawn("other");
  child.exit();
  for (const fd of [session, memfd, iommufd, luo]) vmm.close(fd);
};

describe("the hash of a state", () => {
  test("is the same for the same events", () => {
    expect(hashAfter(vm)).toBe(hashAfter(vm));
    expect(hashAfter(vm)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("does not depend on what came and went before", () => {
    // The child's socket stays with its parent, in both stories.
    const socket: Story = (vmm) => void vmm.spawn("other").exit();
    expect(hashAfter(detour, vm)).toBe(hashAfter(socket, vm));
  });

  test("does not depend on the order in which things were made", () => {
    const make =
      (names: readonly string[]): Story =>
      (vmm, scenario) => {
        const fds = new Map(names.map((name) => [name, vmm.sealedMemfd(name, PAGE)]));
        // Both stories end with "a" at 10 and "b" at 11.
        for (const [name, target] of [
          ["a", 10],
          ["b", 11],
        ] as const) {
          const fd = fds.get(name) ?? -1;
          scenario.add({ type: "dup", how: "dup2", pid: vmm.pid, fd, target, ret: target });
          vmm.close(fd);
        }
      };
    expect(hashAfter(make(["a", "b"]))).toBe(hashAfter(make(["b", "a"])));
  });

  test("does not depend on how many mock devices came before", () => {
    const mock: Story = (vmm) => {
      const iommufd = vmm.open("/dev/iommu");
      const ioas = vmm.allocIoas(iommufd);
      vmm.ioctl(iommufd, "IOMMU_TEST_OP_MOCK_DOMAIN", { id: ioas });
    };
    const before: Story = (vmm) => {
      mock(vmm, vmm.scenario);
      vmm.close(3);
    };
    expect(hashAfter(before, mock)).toBe(hashAfter(mock));
  });

  const changes: Readonly<Record<string, Story>> = {
    "one more descriptor": (vmm) => void vmm.open("/dev/iommu"),
    "a closed descriptor": (vmm) => vmm.close(3),
    "the memory is unmapped": (vmm) => vmm.unmap(6, 1, 0n, MIB),
    "another session": (vmm) => void vmm.createSession(3, "vm8"),
    "another process": (_, scenario) => void scenario.start("reaper"),
    "another file": (vmm) => {
      const memfd = vmm.sealedMemfd("other", MIB);
      vmm.scenario.call({
        type: "write",
        pid: vmm.pid,
        fd: memfd,
        count: 1n,
        data: new Uint8Array([7]),
      });
    },
  };

  test.each(Object.entries(changes))("differs after %s", (_, change) => {
    expect(hashAfter(vm, change)).not.toBe(hashAfter(vm));
  });

  test("knows what a file holds", () => {
    const write =
      (byte: number): Story =>
      (vmm) => {
        const fd = vmm.sealedMemfd("ram", PAGE);
        const data = new Uint8Array([byte]);
        vmm.scenario.call({ type: "write", pid: vmm.pid, fd, count: 1n, data });
      };
    expect(hashAfter(write(1))).toBe(hashAfter(write(1)));
    expect(hashAfter(write(1))).not.toBe(hashAfter(write(2)));
  });
});

describe("the state document", () => {
  test("names things by what they are and says how they are linked", () => {
    const { processes, sessions, memfds, iommufds, files } = documentAfter(vm);
    expect(processes).toMatchObject([{ role: "vmm", address_space: "address space 1" }]);
    expect(sessions).toMatchObject([
      {
        name: "session 1",
        title: "vm7",
        state: "out",
        files: [{ token: "0x1", state: "preserved" }],
      },
    ]);
    expect(memfds).toMatchObject([
      { title: "ram", size_bytes: "0x100000", seals: "SEAL|SHRINK|GROW", frozen: true },
    ]);
    expect(iommufds).toMatchObject([
      {
        name: "iommufd 1",
        objects: [
          {
            id: 1,
            type: "IOAS",
            areas: [{ first: "0x0", last: "0xfffff", rights: "rw", offset: "0x0" }],
          },
        ],
      },
    ]);
    const ram = files?.find((file) => file["object"] === "memfd 1");
    const [session] = sessions ?? [];
    const [context] = iommufds ?? [];
    expect(session).toMatchObject({ files: [{ file: ram?.["name"] }] });
    expect(context).toMatchObject({ objects: [{ areas: [{ memory: ram?.["name"] }] }] });
  });

  test("shows two descriptors of one open file as one file", () => {
    const dup: Story = (vmm, scenario) => {
      const fd = vmm.open("/dev/iommu");
      scenario.add({ type: "dup", how: "dup", pid: vmm.pid, fd, ret: 9 });
    };
    const { processes, iommufds } = documentAfter(dup);
    const fds = processes?.[0]?.["fds"] as unknown as readonly StateObject[];
    const [one, other] = [3, 9].map((fd) => fds.find((entry) => entry["fd"] === fd));
    expect(one?.["file"]).toBe(other?.["file"]);
    expect(iommufds).toHaveLength(1);
  });

  test("holds what only the kernel still holds", () => {
    const orphan: Story = (vmm) => {
      const luo = vmm.open("/dev/liveupdate");
      const session = vmm.createSession(luo, "vm7");
      const memfd = vmm.sealedMemfd("kept", PAGE);
      vmm.preserve(session, memfd, 7n);
      vmm.close(memfd);
    };
    expect(documentAfter(orphan)["memfds"]).toMatchObject([{ title: "kept" }]);
  });

  test("after a kexec there is what crossed, and nothing else", () => {
    const jump: Story = (vmm, scenario) => {
      const { pid } = vmm;
      scenario.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
      scenario.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
      scenario.add({ type: "boot", kind: "kexec", boot: 2, liveupdate: true, kho: true });
    };
    const document = documentAfter(vm, jump);
    expect(document["processes"]).toEqual([]);
    expect(document["iommufds"]).toBeUndefined();
    expect(document["sessions"]).toMatchObject([
      { title: "vm7", state: "in_wait", files: [{ token: "0x1", state: "waiting" }] },
    ]);
  });
});
