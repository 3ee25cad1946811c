import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  setup,
  type Vm,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, mapAnonymous, ONE_NIC, preservedVm } from "../../support/vm.js";

const HWPT = "vm1/iommufd#1/hwpt:token=0x4d";
const PAGE = 0x1000n;

/** iommufd and device are in the session; memory is not. */
function withoutMemory(vm: Vm): void {
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
}

describeRule("cmp-mapped-memory-not-preserved", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    const attach = t.seqOf("VFIO_DEVICE_ATTACH_IOMMUFD_PT");
    const alloc = t.seqOf("IOMMU_HWPT_ALLOC");
    withoutMemory(vm);
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "error",
      `${HWPT} crosses with 0000:3b:00.0 and maps 0x0..0x3fffff: memfd "ram" is in no session`,
    );
    t.because(Math.min(alloc, attach), t.seqOf("LIVEUPDATE_SESSION_PRESERVE_FD"));
  },
  silent(t) {
    jumpOver(preservedVm(t));
  },
  cases: {
    "no device crosses with it"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
      jumpOver(vm);
      t.foundAt(
        t.last_seq - 1,
        "warning",
        `${HWPT} crosses without a device and maps 0x0..0x3fffff: memfd "ram" is in no session`,
      );
    },
    "a page table that does not cross takes nothing along"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      jumpOver(vm);
    },
    "the page left its memfd before the memfd was preserved"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.punchHole(vm.memfd, 0n, PAGE);
      const punched = t.last_seq;
      vm.vmm.preserve(vm.session, vm.memfd, 1n);
      withoutMemory(vm);
      jumpOver(vm);
      t.foundAt(
        t.last_seq - 1,
        "error",
        `${HWPT} crosses with 0000:3b:00.0 and maps 0x0..0xfff: its pages were freed at event ` +
          punched,
      );
      t.because(t.seqOf("IOMMU_HWPT_ALLOC"), punched, t.seqOf("LIVEUPDATE_SESSION_PRESERVE_FD", 1));
    },
    "memory of the process and a forgotten memfd are two faults"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      const { pid } = vm.vmm;
      const area = { addr: 0x1000_0000n, length: MIB, prot: 3, flags: 0x32, fd: -1, offset: 0n };
      t.add({ type: "mmap", pid, ...area, address: 0x1000_0000n });
      mapAnonymous(vm.vmm, vm.iommufd, vm.ioas, 64n * MIB);
      withoutMemory(vm);
      jumpOver(vm);
      t.foundAt(
        t.last_seq - 1,
        "error",
        `${HWPT} crosses with 0000:3b:00.0 and maps 0x0..0x3fffff: memfd "ram" is in no session`,
      );
      t.foundAt(
        t.last_seq - 1,
        "error",
        `${HWPT} crosses with 0000:3b:00.0 and maps 0x4000000..0x40fffff: it is no file's memory`,
      );
    },
    "memory that was mapped by address is known by its memfd"(t) {
      const vm = preservedVmMappedByAddress(t);
      jumpOver(vm);
    },
  },
});

/** All is preserved, and a part of the memory is mapped a second time, by user address. */
function preservedVmMappedByAddress(t: Story): Vm {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  const { pid } = vm.vmm;
  const area = { addr: 0x1000_0000n, length: MIB, prot: 3, flags: 0x11, fd: vm.memfd, offset: 0n };
  t.add({ type: "mmap", pid, ...area, address: 0x1000_0000n });
  mapAnonymous(vm.vmm, vm.iommufd, vm.ioas, 64n * MIB);
  vm.vmm.preserve(vm.session, vm.memfd, 1n);
  withoutMemory(vm);
  return vm;
}
