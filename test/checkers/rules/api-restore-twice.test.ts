import { HWPT_TOKEN } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { claimedVm, ONE_NIC } from "../../support/vm.js";

describeRule("api-restore-twice", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vm } = claimedVm(t);
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN, { refused: "ENOENT" });
    t.found(
      "warning",
      "token 0x4d of vm1/iommufd#1@boot2 was restored before as HWPT 2; its id is not told " +
        "again",
    );
  },
  silent(t) {
    const { vm } = claimedVm(t);
    vm.vmm.restoreHwpt(vm.iommufd, 99, { refused: "ENOENT" });
  },
  cases: {
    "a second handle of one domain breaks the rule"(t) {
      const { vm } = claimedVm(t);
      const op = "IOMMU_HWPT_LU_RESTORE";
      const event = { type: "ioctl", pid: vm.vmm.pid, fd: vm.iommufd, op } as const;
      t.add({ ...event, in: { hwpt_token: HWPT_TOKEN }, ret: 0, out: { pt_id: 6 } });
      t.contradicted.push(t.last_seq);
      t.found(
        "error",
        "the kernel restored token 0x4d of vm1/iommufd#1@boot2 as HWPT 6, it was HWPT 2 before",
      );
    },
  },
});
