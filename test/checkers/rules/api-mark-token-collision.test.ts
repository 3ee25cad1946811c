import { setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { MIB, ONE_NIC } from "../../support/vm.js";

/** A marked page table and one without a mark. */
function twoTables(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  return { ...vm, second: vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas) };
}

describeRule("api-mark-token-collision", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, second } = twoTables(t);
    vmm.mark(iommufd, second, 77n, { refused: "EADDRINUSE" });
    t.found(
      "warning",
      "token 0x4d marks iommufd#1/hwpt:3 already; iommufd#1/hwpt:4 was not marked",
    );
  },
  silent(t) {
    const { vmm, iommufd, hwpt, second } = twoTables(t);
    vmm.mark(iommufd, second, 78n);
    // Marking one again with its own token is no collision, whatever the kernel says.
    vmm.mark(iommufd, hwpt, 77n, { refused: "EADDRINUSE" });
  },
  cases: {
    "a kernel that accepts it breaks the rule"(t) {
      const { vmm, iommufd, second } = twoTables(t);
      vmm.mark(iommufd, second, 77n, { kernel: "ok" });
      t.found(
        "error",
        "the kernel marked iommufd#1/hwpt:4 with token 0x4d, which marks iommufd#1/hwpt:3 already",
      );
    },
  },
});
