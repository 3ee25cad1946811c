import { memfd } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { MIB } from "../../support/vm.js";

function mapped(t: Story) {
  const vmm = t.start("vmm");
  const iommufd = vmm.open("/dev/iommu");
  const ioas = vmm.allocIoas(iommufd);
  const ram = memfd(vmm, "ram", 4n * MIB);
  vmm.mapFile(iommufd, { ioas, memfd: ram, iova: 0n, length_bytes: 2n * MIB });
  return { vmm, iommufd, ioas, ram };
}

describeRule("trace-overlapping-map", {
  profile: "luo73",
  fires(t) {
    const { vmm, iommufd, ioas, ram } = mapped(t);
    const over = { ioas, memfd: ram, iova: MIB, length_bytes: 2n * MIB };
    vmm.mapFile(iommufd, over, { kernel: "ok" });
    t.found(
      "error",
      "IOMMU_IOAS_MAP_FILE put 0x100000..0x2fffff over mapping 0x0..0x1fffff " +
        "of iommufd#1/ioas:1, which was not unmapped before",
    );
  },
  silent(t) {
    const { vmm, iommufd, ioas, ram } = mapped(t);
    const over = { ioas, memfd: ram, iova: MIB, length_bytes: 2n * MIB };
    vmm.mapFile(iommufd, over, { refused: "EEXIST" });
    const other = vmm.allocIoas(iommufd);
    vmm.mapFile(iommufd, { ...over, ioas: other });
    vmm.unmap(iommufd, ioas, 0n, 2n * MIB);
    vmm.mapFile(iommufd, over);
  },
});
