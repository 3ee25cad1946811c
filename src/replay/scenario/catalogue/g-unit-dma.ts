/** G. One rule each: DMA. */

import { dma, MIB, NIC, preserve, setup } from "../blocks.js";
import { mapReadOnly } from "../process-calls.js";
import { hwptName } from "./names.js";
import { type ScenarioPlan, type Tale, WITH_DEVICES } from "./plan.js";
import { coldBoot, strangeDma } from "./turns.js";

const UNMAPPED_DMA: ScenarioPlan = {
  id: "S88",
  slug: "dma-past-the-mapping",
  title: "The device writes past the end of what is mapped, and the write lands.",
  shows: "The IOMMU lets only mapped IOVAs through.",
  profiles: WITH_DEVICES,
  tell(t) {
    const vm = setup(t);
    strangeDma(vm, vm.memory_bytes, "ok");
    t.finds("dma-unmapped-iova", "error", NIC.bdf, hwptName(vm.hwpt));
  },
};

const UNMAPPED_DMA_FAULTS: ScenarioPlan = {
  ...UNMAPPED_DMA,
  slug: "dma-past-the-mapping-faults",
  title: "The device writes past the end of what is mapped, and the IOMMU stops it.",
  tell(t) {
    const vm = setup(t);
    dma(vm, vm.memory_bytes, "fault");
    t.finds("dma-unmapped-iova", "info", NIC.bdf, hwptName(vm.hwpt));
  },
};

function readOnlyDma(t: Tale, observed: "ok" | "fault"): void {
  const vm = setup(t);
  const { vmm, iommufd, ioas, memory_bytes: iova } = vm;
  const memfd = vmm.sealedMemfd("firmware", 2n * MIB);
  mapReadOnly(vmm, iommufd, { ioas, memfd, iova, length_bytes: 2n * MIB });
  if (observed === "fault") {
    dma(vm, iova, observed);
    return;
  }
  strangeDma(vm, iova, observed);
  t.finds("dma-write-readonly-mapping", "error", NIC.bdf, hwptName(vm.hwpt));
}

const READ_ONLY_DMA: ScenarioPlan = {
  id: "S90",
  slug: "dma-writes-read-only",
  title: "The device writes to memory that is mapped read-only, and the write lands.",
  shows: "The flags of a mapping bind the device.",
  profiles: WITH_DEVICES,
  tell: (t) => readOnlyDma(t, "ok"),
};

const READ_ONLY_DMA_FAULTS: ScenarioPlan = {
  ...READ_ONLY_DMA,
  slug: "dma-writes-read-only-faults",
  title: "The device writes to memory that is mapped read-only, and the IOMMU stops it.",
  tell: (t) => readOnlyDma(t, "fault"),
};

const AFTER_FREEZE: ScenarioPlan = {
  id: "S91",
  slug: "dma-after-freeze",
  title: "A device that the freeze should have stopped goes on with DMA.",
  shows: "In phase 1 no DMA crosses: the trace is of another design, or the reset failed.",
  profiles: ["p1v5"],
  tell(t) {
    const vm = setup(t);
    preserve(vm);
    const { pid } = vm.manager;
    t.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
    t.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
    strangeDma(vm, 0x2000n, "ok");
    t.finds("dma-during-vfio-freeze", "info", NIC.bdf);
    t.add({ type: "boot", kind: "kexec", boot: 2, liveupdate: true, kho: true });
    coldBoot(t);
  },
};

export const UNIT_DMA: readonly ScenarioPlan[] = [
  UNMAPPED_DMA,
  UNMAPPED_DMA_FAULTS,
  READ_ONLY_DMA,
  READ_ONLY_DMA_FAULTS,
  AFTER_FREEZE,
];
