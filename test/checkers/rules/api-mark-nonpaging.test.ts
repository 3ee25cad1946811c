import { setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { MIB, ONE_NIC } from "../../support/vm.js";

describeRule("api-mark-nonpaging", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, ioas } = setup(t, { memory_bytes: 4n * MIB });
    vmm.mark(iommufd, ioas, 5n, { refused: "ENOENT" });
    t.found("warning", "iommufd#1/ioas:2 cannot be marked: it is no page table of the kernel");
  },
  silent(t) {
    const { vmm, iommufd, hwpt } = setup(t, { memory_bytes: 4n * MIB });
    vmm.mark(iommufd, hwpt, 5n);
  },
  cases: {
    "an id that names nothing"(t) {
      const { vmm, iommufd } = setup(t, { memory_bytes: 4n * MIB });
      vmm.mark(iommufd, 99, 5n, { refused: "ENOENT" });
      t.found(
        "warning",
        "iommufd#1/nothing:99 cannot be marked: it is no page table of the kernel",
      );
    },
    "a kernel that accepts it breaks the rule"(t) {
      const { vmm, iommufd, ioas } = setup(t, { memory_bytes: 4n * MIB });
      vmm.mark(iommufd, ioas, 5n, { kernel: "ok" });
      t.found("error", "the kernel marked iommufd#1/ioas:2, which is no page table of the kernel");
    },
  },
});
