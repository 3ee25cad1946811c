import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

function iommufdOf(t: Story) {
  const vmm = t.start("vmm");
  return { vmm, iommufd: vmm.open("/dev/iommu") };
}

describeRule("trace-duplicate-object", {
  profile: "luo73",
  fires(t) {
    const { vmm, iommufd } = iommufdOf(t);
    vmm.allocIoas(iommufd);
    const made = t.last_seq;
    const call = { type: "ioctl", pid: vmm.pid, fd: iommufd, op: "IOMMU_IOAS_ALLOC" } as const;
    t.add({ ...call, in: {}, ret: 0, out: { out_ioas_id: 1 } });
    t.contradicted.push(t.last_seq);
    t.found(
      "error",
      "IOMMU_IOAS_ALLOC gave out the id of iommufd#1/ioas:1, " +
        `which is still there since event ${made}`,
    );
  },
  silent(t) {
    const { vmm, iommufd } = iommufdOf(t);
    vmm.destroy(iommufd, vmm.allocIoas(iommufd));
    vmm.allocIoas(iommufd);
    vmm.allocIoas(iommufd);
  },
});
