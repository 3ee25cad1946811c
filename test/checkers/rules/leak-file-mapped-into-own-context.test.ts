import type { ScenarioProcess } from "../../../src/replay/scenario/scenario-process.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { NIC, ONE_NIC } from "../../support/vm.js";

const PAGE = 0x1000n;

/** A device that is bound, and an IOAS that no device uses. */
function bound(t: Story) {
  const vmm = t.start("vmm");
  const iommufd = vmm.open("/dev/iommu");
  const cdev = vmm.open(`/dev/vfio/devices/${NIC.cdev}`);
  vmm.bind(cdev, iommufd);
  return { vmm, iommufd, cdev, ioas: vmm.allocIoas(iommufd) };
}

function map(vmm: ScenarioProcess, iommufd: number, ioas: number, file: number): void {
  vmm.mapFile(iommufd, { ioas, memfd: file, iova: 0n, length_bytes: PAGE });
}

const MAPPED =
  "iommufd#1 maps device 0000:3b:00.0, which keeps it alive: " +
  "without an unmap neither is ever freed";

describeRule("leak-file-mapped-into-own-context", {
  profile: "luo73",
  machine: ONE_NIC,
  fires(t) {
    const { vmm, iommufd, cdev, ioas } = bound(t);
    map(vmm, iommufd, ioas, cdev);
    t.found("warning", MAPPED);
    vmm.close(cdev);
    vmm.close(iommufd);
    t.found(
      "error",
      "iommufd#1 has lost its last descriptor and maps device 0000:3b:00.0: " +
        "both stay until a reboot",
    );
  },
  silent(t) {
    const { vmm, iommufd, cdev, ioas } = bound(t);
    const other = vmm.open("/dev/iommu");
    map(vmm, other, vmm.allocIoas(other), cdev);
    map(vmm, iommufd, ioas, other);
    vmm.exit();
  },
  cases: {
    "its own file, and the process ends"(t) {
      const { vmm, iommufd, ioas } = bound(t);
      map(vmm, iommufd, ioas, iommufd);
      t.found(
        "warning",
        "iommufd#1 maps iommufd#1, which keeps it alive: without an unmap neither is ever freed",
      );
      vmm.exit();
      t.found(
        "error",
        "iommufd#1 has lost its last descriptor and maps iommufd#1: both stay until a reboot",
      );
    },
    "it is unmapped in time"(t) {
      const { vmm, iommufd, cdev, ioas } = bound(t);
      map(vmm, iommufd, ioas, cdev);
      t.found("warning", MAPPED);
      vmm.unmap(iommufd, ioas, 0n, PAGE);
      vmm.exit();
    },
    "a call that the kernel refused maps nothing"(t) {
      const { vmm, iommufd, cdev, ioas } = bound(t);
      const mapping = { ioas: ioas + 7, memfd: cdev, iova: 0n, length_bytes: PAGE };
      vmm.mapFile(iommufd, mapping, { refused: "ENOENT" });
    },
  },
});
