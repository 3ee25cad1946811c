/**
 * Whose memory does a device reach through a page table that crosses a kexec? For each kind of
 * memory that can be mapped: what is said when the table is written down, and what when the device
 * writes there afterwards.
 */

import { describe, expect, test } from "vitest";
import {
  DEVICE_TOKEN,
  fetchSession,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  setup,
  type Vm,
} from "../../src/replay/scenario/blocks.js";
import { fallocate, memfd } from "../support/calls.js";
import { findingsOf } from "../support/rule-test.js";
import { Story } from "../support/story.js";
import { dma, jumpOver, MIB, mapAnonymous, ONE_NIC } from "../support/vm.js";

/** Where the memory in question is mapped; the VM's own memory lies below. */
const IOVA = 64n * MIB;
const USER_VA = 0x1000_0000n;
const SHARED = 1;
const PRIVATE_ANONYMOUS = 0x22;

function mmap(vm: Vm, flags: number, fd: number): void {
  const { pid } = vm.vmm;
  const area = { addr: 0n, length: MIB, prot: 3, flags, fd, offset: 0n, address: USER_VA };
  vm.scenario.add({ type: "mmap", pid, ...area });
}

function mapFile(vm: Vm, file: number): void {
  vm.vmm.mapFile(vm.iommufd, { ioas: vm.ioas, memfd: file, iova: IOVA, length_bytes: MIB });
}

function punch(vm: Vm, file: number): void {
  fallocate(vm.vmm, file, { mode: 3, offset: 0n, length: MIB });
}

interface Kind {
  /** Maps the memory and preserves what is to be preserved of it. */
  readonly map: (vm: Vm) => void;
  /** After the kexec, before the device writes. */
  readonly later?: (vm: Vm) => void;
  readonly serialized: readonly string[];
  readonly written: readonly string[];
}

const LOST = ["cmp-mapped-memory-not-preserved"];
const REUSED = ["dma-to-reused-page"];
const OTHER = 9n;

const KINDS: Readonly<Record<string, Kind>> = {
  "a preserved memfd": {
    map(vm) {
      const file = memfd(vm.vmm, "more", MIB);
      mapFile(vm, file);
      vm.vmm.preserve(vm.session, file, OTHER);
    },
    serialized: [],
    written: [],
  },
  "a preserved memfd, by user address": {
    map(vm) {
      const file = memfd(vm.vmm, "more", MIB);
      mmap(vm, SHARED, file);
      mapAnonymous(vm.vmm, vm.iommufd, vm.ioas, IOVA);
      vm.vmm.preserve(vm.session, file, OTHER);
    },
    serialized: [],
    written: [],
  },
  "a hole of a preserved memfd, which the map has filled": {
    map(vm) {
      const file = memfd(vm.vmm, "more", MIB);
      punch(vm, file);
      mapFile(vm, file);
      vm.vmm.preserve(vm.session, file, OTHER);
    },
    serialized: [],
    written: [],
  },
  "memory of the process": {
    map(vm) {
      mmap(vm, PRIVATE_ANONYMOUS, -1);
      mapAnonymous(vm.vmm, vm.iommufd, vm.ioas, IOVA);
    },
    serialized: LOST,
    written: REUSED,
  },
  "memory whose mapping was replaced by a preserved memfd since": {
    map(vm) {
      mmap(vm, PRIVATE_ANONYMOUS, -1);
      mapAnonymous(vm.vmm, vm.iommufd, vm.ioas, IOVA);
      const file = memfd(vm.vmm, "more", MIB);
      mmap(vm, SHARED, file);
      vm.vmm.preserve(vm.session, file, OTHER);
    },
    serialized: LOST,
    written: REUSED,
  },
  "a memfd in no session": {
    map: (vm) => mapFile(vm, memfd(vm.vmm, "more", MIB)),
    serialized: LOST,
    written: REUSED,
  },
  "a file that is no memfd, mapped shared": {
    map(vm) {
      mmap(vm, SHARED, vm.vmm.open("/var/lib/vm/disk"));
      const mapping = { flags: 7, ioas_id: vm.ioas, user_va: USER_VA, length: MIB, iova: IOVA };
      vm.vmm.ioctl(vm.iommufd, "IOMMU_IOAS_MAP", mapping, { kernel: "ok" });
    },
    serialized: LOST,
    written: REUSED,
  },
  "pages that were punched out of a preserved memfd before": {
    map(vm) {
      const file = memfd(vm.vmm, "more", MIB);
      mapFile(vm, file);
      punch(vm, file);
      vm.vmm.preserve(vm.session, file, OTHER);
    },
    serialized: LOST,
    written: REUSED,
  },
  "pages that a truncation took from a preserved memfd": {
    map(vm) {
      const file = memfd(vm.vmm, "more", MIB);
      const { pid } = vm.vmm;
      mapFile(vm, file);
      vm.scenario.call({ type: "ftruncate", pid, fd: file, length: 0n });
      vm.scenario.call({ type: "ftruncate", pid, fd: file, length: MIB });
      vm.vmm.preserve(vm.session, file, OTHER);
    },
    serialized: LOST,
    written: REUSED,
  },
  "a memfd in another session": {
    map(vm) {
      const file = memfd(vm.vmm, "more", MIB);
      mapFile(vm, file);
      const ram = vm.manager.pass(vm.manager.createSession(vm.luo, "ram"), vm.vmm);
      vm.vmm.preserve(ram, file, OTHER);
    },
    serialized: ["cmp-memfd-not-in-same-session"],
    written: [],
  },
  "a memfd in another session, which is finished first": {
    map(vm) {
      const file = memfd(vm.vmm, "more", MIB);
      mapFile(vm, file);
      const ram = vm.manager.pass(vm.manager.createSession(vm.luo, "ram"), vm.vmm);
      vm.vmm.preserve(ram, file, OTHER);
    },
    later(vm) {
      vm.vmm.finish(vm.vmm.retrieveSession(vm.vmm.open("/dev/liveupdate"), "ram"), {
        kernel: "ok",
      });
    },
    serialized: ["cmp-memfd-not-in-same-session"],
    written: REUSED,
  },
  "pages that are punched out after the kexec": {
    map(vm) {
      const file = memfd(vm.vmm, "more", MIB);
      mapFile(vm, file);
      vm.vmm.preserve(vm.session, file, OTHER);
    },
    later: (vm) => punch(vm, vm.vmm.retrieve(vm.session, OTHER)),
    serialized: [],
    written: REUSED,
  },
};

/** The VM crosses with the memory in question, in a kernel that lets everything in. */
function tell({ map, later }: Kind, write: boolean): Story {
  const t = new Story("p2", {}, ONE_NIC);
  const vm = setup(t, { memory_bytes: 4n * MIB });
  map(vm);
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { kernel: "ok" });
  vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { kernel: "ok" });
  jumpOver(vm);
  if (later !== undefined) {
    fetchSession(vm);
    vm.manager.close(vm.luo);
    later(vm);
  }
  if (write) dma(t, "write", IOVA + 0x2000n);
  return t;
}

const WANTED: ReadonlySet<string> = new Set([
  "cmp-mapped-memory-not-preserved",
  "cmp-memfd-not-in-same-session",
  "dma-to-reused-page",
]);

function rulesIn(t: Story): string[] {
  return findingsOf(t)
    .map(({ rule }) => rule)
    .filter((rule) => WANTED.has(rule));
}

describe.each(Object.entries(KINDS))("%s", (_name, kind) => {
  test("is judged when the table is written down, without any DMA", () => {
    expect(rulesIn(tell(kind, false))).toEqual(kind.serialized);
  });

  test("is judged when the device writes there", () => {
    expect(rulesIn(tell(kind, true))).toEqual([...kind.serialized, ...kind.written]);
  });
});
