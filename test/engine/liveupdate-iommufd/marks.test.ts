import { describe, expect, test } from "vitest";
import { ONE_NIC } from "../../../src/replay/scenario/blocks.js";
import { Scenario } from "../../../src/replay/scenario/scenario.js";
import { arrived, contextOf, during, found, preserved, started } from "./world.js";

describe("marking a HWPT", () => {
  test("gives it a token, and another mark another token", () => {
    const vm = started("p2");
    const seen = during(vm, () => vm.vmm.mark(vm.iommufd, vm.hwpt, 5n));
    expect(found(seen, "hwpt_marked")).toMatchObject({ token: 5n, old_token: 77n });
  });

  test("takes paging HWPTs only", () => {
    const vm = started("p2");
    vm.vmm.mark(vm.iommufd, vm.ioas, 5n, { refused: "ENOENT" });
    vm.vmm.mark(vm.iommufd, vm.device_id, 5n, { refused: "ENOENT" });
    vm.vmm.mark(vm.iommufd, 4711, 5n, { refused: "ENOENT" });
  });

  test("refuses a token that another marked HWPT has, until that is gone or marked anew", () => {
    const vm = started("p2");
    const other = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
    vm.vmm.mark(vm.iommufd, other, 77n, { refused: "EADDRINUSE" });
    vm.vmm.mark(vm.iommufd, vm.hwpt, 1n);
    vm.vmm.mark(vm.iommufd, other, 77n);
    vm.vmm.destroy(vm.iommufd, other);
    vm.vmm.mark(vm.iommufd, vm.hwpt, 77n);
  });

  test("counts the HWPT's own token as in use where the series does", () => {
    for (const profile of ["p1v5", "p2", "seed"] as const) {
      const vm = started(profile);
      vm.vmm.mark(vm.iommufd, vm.hwpt, 77n, { refused: "EADDRINUSE" });
    }
    for (const profile of ["p1v1", "rfc2"] as const) {
      const vm = started(profile);
      vm.vmm.mark(vm.iommufd, vm.hwpt, 77n);
    }
  });

  test("does not reach a record that exists already", () => {
    const vm = preserved("p2");
    vm.vmm.mark(vm.iommufd, vm.hwpt, 99n);
    const [record] = contextOf(vm)
      .objects()
      .flatMap((object) => (object.id === vm.hwpt ? [object] : []));
    expect(record).toMatchObject({ mark_token: 99n, preserved_as: { token: 77n } });
  });

  test("has other names in the earlier series, and in RFC v2 a way back", () => {
    const prototype = started("rfc2");
    const set = "IOMMU_HWPT_LU_SET_PRESERVED";
    const { vmm, iommufd, hwpt } = prototype;
    const other = vmm.allocHwpt(iommufd, prototype.device_id, prototype.ioas);
    const asked = { hwpt_id: other, hwpt_token: 77, preserved: 1 };
    vmm.ioctl(iommufd, set, asked, { refused: "EADDRINUSE" });
    const seen = during(prototype, () =>
      vmm.ioctl(iommufd, set, { hwpt_id: hwpt, hwpt_token: 0, preserved: 0 }),
    );
    expect(found(seen, "hwpt_unmarked")).toMatchObject({ old_token: 77n });
    vmm.ioctl(iommufd, set, asked);
    const first = started("p1v1");
    const mark = { hwpt_id: first.hwpt, hwpt_token: 5 };
    first.vmm.ioctl(first.iommufd, "IOMMU_HWPT_LU_SET_PRESERVE", mark);
    first.vmm.ioctl(first.iommufd, set, { ...mark, preserved: 0 }, { refused: "ENOTTY" });
  });

  test("does not exist in the merged kernel", () => {
    const vm = arrived("p2");
    const iommufd = vm.vmm.open("/dev/iommu");
    vm.vmm.mark(iommufd, 1, 1n, { refused: "ENOENT" });
    const merged = startedMerged();
    merged.process.mark(merged.iommufd, 1, 1n, { refused: "ENOTTY" });
    merged.process.restoreHwpt(merged.iommufd, 1, { refused: "ENOTTY" });
  });
});

function startedMerged() {
  const scenario = new Scenario({ profile: "luo73", title: "test", machine: ONE_NIC });
  const process = scenario.start("vmm");
  return { process, iommufd: process.open("/dev/iommu") };
}
