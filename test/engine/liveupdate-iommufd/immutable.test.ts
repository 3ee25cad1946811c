import { describe, expect, test } from "vitest";
import { DEVICE_TOKEN, IOMMUFD_TOKEN, MEMORY_TOKEN } from "../../../src/replay/scenario/blocks.js";
import type { Ending } from "../../../src/replay/scenario/scenario.js";
import {
  addCard,
  contextOf,
  deviceOf,
  during,
  found,
  MIB,
  OTHER,
  preserved,
  SIBLING,
  started,
} from "./world.js";

const BUSY: Ending = { refused: "EBUSY" };
const FREE = 64n * MIB;

describe("the mappings of a preserved HWPT", () => {
  test("cannot change in any way", () => {
    const vm = preserved("p2");
    const { vmm, iommufd, ioas, memfd } = vm;
    vmm.mapFile(iommufd, { ioas, memfd, iova: FREE, length_bytes: MIB }, BUSY);
    const user = { flags: 7, ioas_id: ioas, user_va: 0x7000_0000_0000n, iova: FREE, length: MIB };
    vmm.ioctl(iommufd, "IOMMU_IOAS_MAP", user, BUSY);
    vmm.ioctl(iommufd, "IOMMU_IOAS_MAP", { ...user, flags: 6 }, BUSY);
    vmm.unmap(iommufd, ioas, 0n, 4n * MIB, BUSY);
    vmm.unmap(iommufd, ioas, 0n, 0xffff_ffff_ffff_ffffn, BUSY);
  });

  test("are looked at after the IOVA: what is wrong with that is said first", () => {
    const vm = preserved("p2");
    const { vmm, iommufd, ioas, memfd } = vm;
    const taken = { ioas, memfd, iova: 0n, length_bytes: MIB };
    vmm.mapFile(iommufd, taken, { refused: "EEXIST" });
    vmm.mapFile(iommufd, { ...taken, iova: FREE, length_bytes: 0n }, { refused: "EINVAL" });
    vmm.unmap(iommufd, ioas, 0n, 0n, { refused: "EINVAL" });
  });

  test("are not looked at by an unmap: unmapping nothing is refused as well", () => {
    const vm = preserved("p2");
    vm.vmm.unmap(vm.iommufd, vm.ioas, FREE, MIB, BUSY);
  });

  test("can be copied from, not to", () => {
    const vm = preserved("p2");
    const { vmm, iommufd, ioas } = vm;
    const other = vmm.allocIoas(iommufd);
    const copy = { flags: 7, length: MIB, src_iova: 0n, dst_iova: FREE };
    vmm.ioctl(iommufd, "IOMMU_IOAS_COPY", { ...copy, src_ioas_id: ioas, dst_ioas_id: other });
    const into = { ...copy, src_ioas_id: ioas, dst_ioas_id: ioas };
    vmm.ioctl(iommufd, "IOMMU_IOAS_COPY", into, BUSY);
  });

  test("leave HWPTs, other IOAS and the allowed ranges free", () => {
    const vm = preserved("p2");
    const { vmm, iommufd, ioas, memfd } = vm;
    const other = vmm.allocIoas(iommufd);
    vmm.mapFile(iommufd, { ioas: other, memfd, iova: 0n, length_bytes: MIB });
    vmm.destroy(iommufd, vmm.allocHwpt(iommufd, vm.device_id, ioas));
    vmm.ioctl(iommufd, "IOMMU_IOAS_ALLOW_IOVAS", { ioas_id: ioas, num_iovas: 0 });
  });

  test("change again once the session is closed", () => {
    const vm = preserved("p2");
    const seen = during(vm, () => {
      vm.vmm.close(vm.session);
      vm.manager.close(vm.manager_session);
    });
    expect(found(seen, "ioas_thawed")?.ioas.id).toBe(vm.ioas);
    expect(found(seen, "device_unpreserved")).toBeDefined();
    vm.vmm.detach(vm.cdev);
    vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, 4n * MIB);
    vm.vmm.destroy(vm.iommufd, vm.hwpt);
  });

  test("follow a kernel that let them change", () => {
    const vm = preserved("p2");
    const ioas = contextOf(vm)
      .objects()
      .find((object) => object.id === vm.ioas);
    vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, 4n * MIB, { kernel: "ok" });
    expect(ioas).toMatchObject({ frozen: true, areas: { size: 0 } });
    const { memfd } = vm;
    const mapping = { ioas: vm.ioas, memfd, iova: FREE, length_bytes: MIB };
    vm.vmm.mapFile(vm.iommufd, mapping, { kernel: "ok" });
    expect(ioas).toMatchObject({ areas: { size: 1 } });
  });
});

describe("a preserved HWPT", () => {
  test("cannot be destroyed, attached or not", () => {
    const vm = started("p2");
    const idle = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
    vm.vmm.mark(vm.iommufd, idle, 78n);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.destroy(vm.iommufd, idle, BUSY);
    vm.vmm.destroy(vm.iommufd, vm.hwpt, BUSY);
  });

  test("can be destroyed where the prototype let it", () => {
    const vm = started("rfc2");
    const idle = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
    vm.vmm.mark(vm.iommufd, idle, 78n);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.destroy(vm.iommufd, idle);
  });
});

describe("the attachment of a device", () => {
  test("may change until the device itself is preserved", () => {
    const vm = started("p2");
    const other = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.attach(vm.cdev, other);
    vm.vmm.attach(vm.cdev, vm.hwpt);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    for (const pt of [other, vm.hwpt, vm.ioas, 4711]) vm.vmm.attach(vm.cdev, pt, BUSY);
    vm.vmm.detach(vm.cdev, BUSY);
  });

  test("is locked for the whole group, and for no other", () => {
    const vm = started("p2");
    const sibling = addCard(vm, SIBLING.cdev);
    const other = addCard(vm, OTHER.cdev);
    vm.vmm.attach(sibling.cdev, vm.hwpt);
    vm.vmm.attach(other.cdev, vm.hwpt);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    vm.vmm.detach(sibling.cdev, BUSY);
    vm.vmm.detach(other.cdev);
    vm.vmm.attach(other.cdev, vm.hwpt);
  });

  test("stays free in the series before v4", () => {
    for (const profile of ["p1v1", "rfc2"] as const) {
      const vm = preserved(profile);
      vm.vmm.detach(vm.cdev);
      vm.vmm.attach(vm.cdev, vm.hwpt);
    }
  });

  test("locks up when a device comes to a preserved domain after its own preservation", () => {
    const vm = started("p2");
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    const session = vm.manager.createSession(vm.luo, "cards");
    const passed = vm.manager.pass(session, vm.vmm);
    const other = addCard(vm, OTHER.cdev);
    vm.vmm.preserve(passed, other.cdev, 1n);
    vm.vmm.attach(other.cdev, vm.hwpt);
    vm.manager.close(session);
    vm.vmm.close(passed);
    vm.vmm.attach(other.cdev, vm.hwpt, BUSY);
    vm.vmm.close(other.cdev);
    const again = addCard(vm, OTHER.cdev);
    vm.vmm.attach(again.cdev, vm.hwpt);
  });

  test("follows a kernel that let it change", () => {
    const vm = preserved("p2");
    vm.vmm.detach(vm.cdev, { kernel: "ok" });
    expect(deviceOf(vm).hardware.group.attached.size).toBe(0);
    vm.vmm.attach(vm.cdev, vm.hwpt, { kernel: "ok" });
    expect(deviceOf(vm).hardware.group.attached.size).toBe(1);
  });
});
