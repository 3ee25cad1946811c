import { expect, test } from "vitest";
import { DEVICE_TOKEN, IOMMUFD_TOKEN, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule, findingsOf } from "../../support/rule-test.js";
import { Story } from "../../support/story.js";
import { claimedVm, dma, jumpOver, MIB, ONE_NIC } from "../../support/vm.js";

/** The memory is not in the session; the device writes into what the next kernel made of it. */
function forgetMemory(t: Story): number {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
  jumpOver(vm);
  const boot = t.last_seq;
  dma(t, "write", 0x2000n);
  return boot;
}

describeRule("dma-to-reused-page", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    const boot = forgetMemory(t);
    t.found(
      "error",
      `0000:3b:00.0 wrote 0x2000..0x2fff, whose page was freed at event ${boot}: ` +
        "it is anybody's now",
    );
  },
  silent(t) {
    const { vm } = claimedVm(t);
    vm.vmm.punchHole(vm.memfd, MIB, MIB);
    dma(t, "write", 0x2000n);
  },
  cases: {
    "a page that was punched out of its file"(t) {
      const { vm } = claimedVm(t);
      vm.vmm.punchHole(vm.memfd, MIB, MIB);
      const punched = t.last_seq;
      dma(t, "write", MIB + 0x2000n);
      t.found(
        "error",
        `0000:3b:00.0 wrote 0x102000..0x102fff, whose page was freed at event ${punched}: ` +
          "it is anybody's now",
      );
    },
    "the mapped part of a transfer arrives, whatever becomes of the rest"(t) {
      const { vm } = claimedVm(t);
      vm.vmm.punchHole(vm.memfd, 3n * MIB, MIB);
      const punched = t.last_seq;
      dma(t, "write", 4n * MIB - 0x1000n, "partial", 0x2000);
      t.found(
        "error",
        `0000:3b:00.0 wrote 0x3ff000..0x3fffff, whose page was freed at event ${punched}: ` +
          "it is anybody's now",
      );
    },
    "a page that a mapping of this kernel pins is nobody else's, until it is unmapped"(t) {
      const { vm } = claimedVm(t);
      const pin = { ioas: vm.vmm.allocIoas(vm.iommufd), memfd: vm.memfd };
      vm.vmm.mapFile(vm.iommufd, { ...pin, iova: 0n, length_bytes: 4n * MIB });
      vm.vmm.allocHwpt(vm.iommufd, vm.device_id, pin.ioas);
      vm.vmm.punchHole(vm.memfd, MIB, MIB);
      const punched = t.last_seq;
      dma(t, "write", MIB + 0x2000n);
      vm.vmm.ioctl(vm.iommufd, "IOMMU_IOAS_UNMAP", {
        ioas_id: pin.ioas,
        iova: 0n,
        length: 4n * MIB,
      });
      dma(t, "write", MIB + 0x2000n);
      t.found(
        "error",
        `0000:3b:00.0 wrote 0x102000..0x102fff, whose page was freed at event ${punched}: ` +
          "it is anybody's now",
      );
    },
    "a fault reaches nobody"(t) {
      const { vm } = claimedVm(t);
      vm.vmm.punchHole(vm.memfd, MIB, MIB);
      dma(t, "write", MIB + 0x2000n, "unknown");
    },
  },
});

test("the symptom names its cause", () => {
  const t = new Story("rfc2", {}, ONE_NIC);
  forgetMemory(t);
  const found = findingsOf(t).find(({ rule }) => rule === "dma-to-reused-page");
  expect(found?.caused_by?.map(({ rule }) => rule)).toEqual(["cmp-mapped-memory-not-preserved"]);
});
