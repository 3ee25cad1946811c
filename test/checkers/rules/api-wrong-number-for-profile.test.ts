import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";

function iommufdOf(t: Story) {
  const vmm = t.start("vmm");
  return { vmm, iommufd: vmm.open("/dev/iommu") };
}

describeRule("api-wrong-number-for-profile", {
  profile: "luo73",
  fires(t) {
    const { vmm, iommufd } = iommufdOf(t);
    vmm.mark(iommufd, 1, 1n, { kernel: "ENOENT" });
    t.found(
      "warning",
      "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE is no command of the kernel that luo73 stands for",
    );
  },
  silent(t) {
    const { vmm, iommufd } = iommufdOf(t);
    vmm.allocIoas(iommufd);
  },
  cases: {
    "a size that the command at this number does not have"(t) {
      const { vmm, iommufd } = iommufdOf(t);
      const call = { type: "ioctl", pid: vmm.pid, fd: iommufd, op: "UNKNOWN_REQUEST" } as const;
      t.add({ ...call, request: 0x3b95, in: { size: 16 }, ret: -1, errno: "ENOTTY" });
      t.found("warning", "number 0x95 with 16 bytes is not the command that luo73 has there");
    },
  },
});
