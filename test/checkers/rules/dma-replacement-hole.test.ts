import type { Vm } from "../../../src/replay/scenario/blocks.js";
import { replaceDomain, retrieveFiles, sendReaper } from "../../../src/replay/scenario/blocks.js";
import { memfd } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, MIB, mapReadOnly, ONE_NIC } from "../../support/vm.js";

const DOMAIN = "restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2";

/** Attaches a new page table on an IOAS that somebody filled. */
function replaceWith(vm: Vm, fill: (ioas: number) => void): void {
  const ioas = vm.vmm.allocIoas(vm.iommufd);
  fill(ioas);
  vm.vmm.attach(vm.cdev, vm.vmm.allocHwpt(vm.iommufd, vm.device_id, ioas));
}

/** The VMM dies, and a reaper gets hold of everything again. */
function reap(vm: Vm): void {
  vm.vmm.crash();
  sendReaper(vm);
  retrieveFiles(vm);
}

describeRule("dma-replacement-hole", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const { vm } = claimedVm(t);
    replaceWith(vm, () => {});
    t.found(
      "error",
      `vm1/iommufd#1/hwpt:4@boot2 replaces ${DOMAIN}, and 0x0..0x3fffff, which DMA has used, ` +
        "is not mapped any more",
    );
    const reboot = t.events.find(({ type }) => type === "reboot")?.seq ?? 0;
    const dma = t.events.find(({ type }) => type === "dma")?.seq ?? 0;
    t.because(t.seqOf("IOMMU_HWPT_ALLOC"), dma, reboot);
  },
  silent(t) {
    const { vm } = claimedVm(t);
    replaceDomain(vm);
  },
  cases: {
    "other memory at the same place"(t) {
      const { vm } = claimedVm(t);
      const fresh = memfd(vm.vmm, "fresh", 4n * MIB);
      replaceWith(vm, (ioas) => {
        const mapping = { ioas, memfd: fresh, iova: 0n, length_bytes: 4n * MIB };
        vm.vmm.mapFile(vm.iommufd, mapping);
      });
      t.found(
        "error",
        `vm1/iommufd#1/hwpt:4@boot2 replaces ${DOMAIN}, and 0x0..0x3fffff, which DMA has used, ` +
          "leads to other pages",
      );
      const reboot = t.events.find(({ type }) => type === "reboot")?.seq ?? 0;
      const dma = t.events.find(({ type }) => type === "dma")?.seq ?? 0;
      t.because(t.seqOf("IOMMU_HWPT_ALLOC"), dma, reboot, t.seqOf("IOMMU_HWPT_ALLOC", 1));
    },
    "fewer rights"(t) {
      const { vm } = claimedVm(t);
      replaceWith(vm, (ioas) => {
        mapReadOnly(vm.vmm, vm.iommufd, { ioas, memfd: vm.memfd, iova: 0n });
        const rest = { ioas, memfd: vm.memfd, iova: MIB, length_bytes: 3n * MIB, start: MIB };
        vm.vmm.mapFile(vm.iommufd, rest);
      });
      t.found(
        "error",
        `vm1/iommufd#1/hwpt:4@boot2 replaces ${DOMAIN}, and 0x0..0xfffff, which DMA has used, ` +
          "has fewer rights",
      );
    },
    "a part that DMA was never seen to use is a warning"(t) {
      const { vm } = claimedVm(t);
      replaceWith(vm, (ioas) => {
        const mapping = { ioas, memfd: vm.memfd, iova: 0n, length_bytes: 3n * MIB };
        vm.vmm.mapFile(vm.iommufd, mapping);
      });
      t.found(
        "warning",
        `vm1/iommufd#1/hwpt:4@boot2 replaces ${DOMAIN}, ` +
          "and 0x300000..0x3fffff is not mapped any more; " +
          "no DMA was seen there",
      );
    },
    "what the owner of the memory punched out is given up, not lost"(t) {
      const { vm } = claimedVm(t);
      const ioas = vm.vmm.allocIoas(vm.iommufd);
      const mapping = { ioas, memfd: vm.memfd, iova: 0n, length_bytes: 4n * MIB };
      vm.vmm.mapFile(vm.iommufd, mapping);
      vm.vmm.allocHwpt(vm.iommufd, vm.device_id, ioas);
      vm.vmm.punchHole(vm.memfd, 0n, MIB);
      replaceDomain(vm);
    },
    "a reaper takes the device out: what it cannot reach any more is no hole"(t) {
      const { vm } = claimedVm(t);
      reap(vm);
      replaceWith(vm, () => {});
    },
    "a reaper that leads the device to other memory does harm"(t) {
      const { vm } = claimedVm(t);
      reap(vm);
      const fresh = memfd(vm.vmm, "fresh", 4n * MIB);
      replaceWith(vm, (ioas) => {
        const mapping = { ioas, memfd: fresh, iova: 0n, length_bytes: 4n * MIB };
        vm.vmm.mapFile(vm.iommufd, mapping);
      });
      t.found(
        "error",
        `vm1/iommufd#1/hwpt:4@boot2 replaces ${DOMAIN}, and 0x0..0x3fffff, which DMA has used, ` +
          "leads to other pages",
      );
    },
    "the same memory in other pieces is the same"(t) {
      const { vm } = claimedVm(t);
      replaceWith(vm, (ioas) => {
        for (const part of [0n, 1n, 2n, 3n]) {
          const at = part * MIB;
          const mapping = { ioas, memfd: vm.memfd, iova: at, start: at, length_bytes: MIB };
          vm.vmm.mapFile(vm.iommufd, mapping);
        }
      });
    },
  },
});
