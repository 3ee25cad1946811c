import {
  bindDevice,
  HWPT_TOKEN,
  retrieveFiles,
  type Vm,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { claimedVm, ONE_NIC, vmAfterKexec } from "../../support/vm.js";

/** After the kexec all is retrieved and the device is bound. */
function boundVm(t: Story): Vm {
  const vm = vmAfterKexec(t);
  retrieveFiles(vm);
  bindDevice(vm);
  return vm;
}

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
  under: {
    seed: {
      "the HWPT is there since its device came; asking for its id is no mistake"(t) {
        const vm = boundVm(t);
        vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN);
        vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN);
      },
      "another id than the first answer told"(t) {
        const vm = boundVm(t);
        const op = "IOMMU_HWPT_LU_RESTORE";
        const event = { type: "ioctl", pid: vm.vmm.pid, fd: vm.iommufd, op } as const;
        const ask = { ...event, in: { hwpt_token: HWPT_TOKEN }, ret: 0 } as const;
        // Nothing told before which id the kernel gave the HWPT that it made by itself.
        t.add({ ...ask, out: { pt_id: 6 } });
        t.add({ ...ask, out: { pt_id: 7 } });
        t.found(
          "error",
          "the kernel restored token 0x4d of vm1/iommufd#1@boot2 as HWPT 7, it was HWPT 6 before",
        );
      },
    },
  },
});
