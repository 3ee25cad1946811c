import { describe, expect, test } from "vitest";
import { apiMarkNeverPreserved } from "../../../src/checkers/rules/api-mark-never-preserved.js";
import { MEMORY_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule, findingsOf } from "../../support/rule-test.js";
import { Story } from "../../support/story.js";
import { jumpOver, MIB, ONE_NIC, preservedVm } from "../../support/vm.js";

describeRule("api-mark-never-preserved", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const vm = setup(t, { memory_bytes: 4n * MIB });
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    jumpOver(vm);
    t.foundAt(
      t.last_seq - 1,
      "info",
      "iommufd#1/hwpt:3 is marked, but its iommufd is in no session: the mark has no effect",
    );
  },
  silent(t) {
    jumpOver(preservedVm(t));
  },
  cases: {
    "destroyed before the kexec"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      vm.vmm.detach(vm.cdev);
      vm.vmm.destroy(vm.iommufd, vm.hwpt);
      jumpOver(vm);
    },
  },
});

describe("designs in which a mark can be taken back", () => {
  test.for([
    [1n, ["api-mark-never-preserved"]],
    [0n, []],
  ] as const)("preserved %s", ([preserved, found]) => {
    const t = new Story("rfc2", {}, ONE_NIC);
    const vm = setup(t, { memory_bytes: 4n * MIB });
    const mark = { hwpt_id: vm.hwpt, hwpt_token: 77, preserved: Number(preserved) };
    vm.vmm.ioctl(vm.iommufd, "IOMMU_HWPT_LU_SET_PRESERVED", mark);
    jumpOver(vm);
    expect(findingsOf(t, [apiMarkNeverPreserved]).map(({ rule }) => rule)).toEqual(found);
  });
});
