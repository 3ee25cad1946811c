import { done, replaceDomain } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { busMaster, claimedVm, dma, MIB, ONE_NIC } from "../../support/vm.js";

const DOMAIN = "restored domain vm1/iommufd#1/hwpt:token=0x4d@boot2";

describeRule("imm-punch-retrieved-memfd-under-restored-domain", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const { vm } = claimedVm(t);
    vm.vmm.punchHole(vm.memfd, MIB, 2n * MIB);
    t.found(
      "error",
      `the pages behind 0x100000..0x2fffff of ${DOMAIN} were punched while nothing pins them`,
    );
  },
  silent(t) {
    const { vm, restored } = claimedVm(t);
    const pin = { ioas: vm.vmm.allocIoas(vm.iommufd), memfd: vm.memfd };
    vm.vmm.mapFile(vm.iommufd, { ...pin, iova: 0n, length_bytes: 4n * MIB });
    vm.vmm.allocHwpt(vm.iommufd, vm.device_id, pin.ioas);
    vm.vmm.punchHole(vm.memfd, MIB, 2n * MIB);
    replaceDomain(vm);
    done(vm, restored);
  },
  cases: {
    "what a mapping holds is left out"(t) {
      const { vm } = claimedVm(t);
      const pin = { ioas: vm.vmm.allocIoas(vm.iommufd), memfd: vm.memfd };
      vm.vmm.mapFile(vm.iommufd, { ...pin, iova: 0n, length_bytes: 2n * MIB });
      vm.vmm.allocHwpt(vm.iommufd, vm.device_id, pin.ioas);
      vm.vmm.punchHole(vm.memfd, MIB, 2n * MIB);
      t.found(
        "error",
        `the pages behind 0x200000..0x2fffff of ${DOMAIN} were punched while nothing pins them`,
      );
    },
    "pages that only a mapping held are gone with it"(t) {
      const { vm } = claimedVm(t);
      const pin = { ioas: vm.vmm.allocIoas(vm.iommufd), memfd: vm.memfd };
      vm.vmm.mapFile(vm.iommufd, { ...pin, iova: 0n, length_bytes: 4n * MIB });
      vm.vmm.allocHwpt(vm.iommufd, vm.device_id, pin.ioas);
      vm.vmm.punchHole(vm.memfd, MIB, MIB);
      dma(t, "write", MIB);
      vm.vmm.ioctl(vm.iommufd, "IOMMU_IOAS_UNMAP", {
        ioas_id: pin.ioas,
        iova: 0n,
        length: 4n * MIB,
      });
      t.found(
        "error",
        `the pages behind 0x100000..0x1fffff of ${DOMAIN} were punched, ` +
          "now nothing pins them any more",
      );
    },
    "pages that were pinned after they were punched are others"(t) {
      const { vm } = claimedVm(t);
      vm.vmm.punchHole(vm.memfd, MIB, MIB);
      t.found(
        "error",
        `the pages behind 0x100000..0x1fffff of ${DOMAIN} were punched while nothing pins them`,
      );
      const pin = { ioas: vm.vmm.allocIoas(vm.iommufd), memfd: vm.memfd };
      vm.vmm.mapFile(vm.iommufd, { ...pin, iova: 0n, length_bytes: 4n * MIB });
    },
    "once the domain is replaced, the memory is free to change"(t) {
      const { vm, restored } = claimedVm(t);
      replaceDomain(vm);
      done(vm, restored);
      vm.vmm.punchHole(vm.memfd, 0n, MIB);
    },
    "a device that may do no DMA reaches nothing, until it may again"(t) {
      const { vm } = claimedVm(t);
      busMaster(t, false);
      vm.vmm.punchHole(vm.memfd, MIB, MIB);
      busMaster(t, true);
      t.found(
        "error",
        `the pages behind 0x100000..0x1fffff of ${DOMAIN} were punched, ` +
          "now its device may use them again",
      );
    },
  },
});
