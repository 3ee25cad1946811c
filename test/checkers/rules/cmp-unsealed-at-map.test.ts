import { addSeals } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import { MIB, ONE_NIC, SIZE_SEALS, startVm } from "../../support/vm.js";

const UNSEALED =
  'memfd "ram" was mapped at 0x0..0xfffff of iommufd#1/ioas:2 without SEAL, SHRINK and GROW seals';

describeRule("cmp-unsealed-at-map", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, hwpt, ram } = startVm(t);
    // Too late: what counts is the moment of the map.
    addSeals(vmm, ram, SIZE_SEALS);
    vmm.mark(iommufd, hwpt, 1n);
    t.found("warning", UNSEALED);
  },
  silent(t) {
    const { vmm, iommufd, ioas, hwpt, ram } = startVm(t);
    vmm.unmap(iommufd, ioas, 0n, MIB);
    addSeals(vmm, ram, SIZE_SEALS);
    vmm.mapFile(iommufd, { ioas, memfd: ram, iova: 0n, length_bytes: MIB });
    vmm.mark(iommufd, hwpt, 1n);
  },
  cases: {
    "a page table that is never marked"(t) {
      startVm(t);
    },
    "mapped after the mark"(t) {
      const { vmm, iommufd, ioas, hwpt, ram } = startVm(t);
      vmm.unmap(iommufd, ioas, 0n, MIB);
      vmm.mark(iommufd, hwpt, 1n);
      vmm.mapFile(iommufd, { ioas, memfd: ram, iova: 0n, length_bytes: MIB });
      t.found("warning", UNSEALED);
    },
  },
});
