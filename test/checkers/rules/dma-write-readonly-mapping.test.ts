import { describeRule } from "../../support/rule-test.js";
import { dma, MIB, mapReadOnly, ONE_NIC, startVm, strangeDma } from "../../support/vm.js";

describeRule("dma-write-readonly-mapping", {
  profile: "luo73",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, ioas, ram } = startVm(t);
    mapReadOnly(vmm, iommufd, { ioas, memfd: ram, iova: 2n * MIB });
    strangeDma(t, "write", 2n * MIB);
    t.found(
      "error",
      "0000:3b:00.0 wrote 0x200000..0x200fff, which iommufd#1/hwpt:3 maps without WRITEABLE",
    );
  },
  silent(t) {
    const { vmm, iommufd, ioas, ram } = startVm(t);
    mapReadOnly(vmm, iommufd, { ioas, memfd: ram, iova: 2n * MIB });
    dma(t, "read", 2n * MIB);
    dma(t, "write", 2n * MIB, "fault");
    dma(t, "write", 0n);
  },
});
