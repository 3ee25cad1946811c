import { fetchSession, preserve, setup } from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, MIB, NIC, ONE_NIC } from "../../support/vm.js";

function dmaAt(t: Story, iova: bigint, physical: bigint): void {
  const what = { device: NIC.bdf, iova, length_bytes: 64, direction: "write" } as const;
  t.add({ type: "dma", ...what, observed: "ok", physical });
}

/** The device is seen at a physical place before the kexec. */
function seenBefore(t: Story) {
  const vm = setup(t, { memory_bytes: 4n * MIB });
  dmaAt(t, 0x2040n, 0x7_7040n);
  preserve(vm);
  jumpOver(vm);
  return vm;
}

describeRule("dma-translation-changed-across-kexec", {
  profile: "rfc2",
  machine: ONE_NIC,
  fires(t) {
    seenBefore(t);
    dmaAt(t, 0x2080n, 0x91_2080n);
    t.found(
      "error",
      "0000:3b:00.0 finds 0x2080 at 0x912080 after the kexec, it was at 0x77080 until then",
    );
  },
  silent(t) {
    seenBefore(t);
    dmaAt(t, 0x2080n, 0x7_7080n);
    dmaAt(t, 0x3000n, 0x91_3000n);
  },
  cases: {
    "between two mappings the kernel may move a page"(t) {
      const vm = setup(t, { memory_bytes: 4n * MIB });
      dmaAt(t, 0x2040n, 0x7_7040n);
      vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, 4n * MIB);
      const again = { ioas: vm.ioas, memfd: vm.memfd, iova: 0n, length_bytes: 4n * MIB };
      vm.vmm.mapFile(vm.iommufd, again);
      preserve(vm);
      jumpOver(vm);
      dmaAt(t, 0x2080n, 0x91_2080n);
    },
    "a page that was freed in between is another one"(t) {
      const vm = seenBefore(t);
      fetchSession(vm);
      const memfd = vm.vmm.retrieve(vm.session, 1n);
      vm.vmm.punchHole(memfd, 0n, MIB);
      dmaAt(t, 0x2080n, 0x91_2080n);
    },
  },
});
