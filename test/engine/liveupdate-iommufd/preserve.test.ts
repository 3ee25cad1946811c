import { describe, expect, test } from "vitest";
import { DEVICE_TOKEN, IOMMUFD_TOKEN, MEMORY_TOKEN } from "../../../src/replay/scenario/blocks.js";
import { type Ending, Scenario } from "../../../src/replay/scenario/scenario.js";
import { addCard, contextOf, deviceOf, during, found, MIB, OTHER, started } from "./world.js";

const LAX: Ending = {};
const MFD_ALLOW_SEALING = 2;
const GROW_AND_SHRINK = 0x6;
const ALL = 0x7;

function unsealed(vm: ReturnType<typeof started>): number {
  const { scenario, vmm } = vm;
  const created = { type: "memfd_create", pid: vmm.pid, name: "x", flags: MFD_ALLOW_SEALING };
  const fd = Number(scenario.call(created as never).outcome.ret);
  scenario.call({ type: "ftruncate", pid: vmm.pid, fd, length: MIB });
  return fd;
}

function seal(vm: ReturnType<typeof started>, fd: number, arg: number): void {
  vm.scenario.call({ type: "fcntl", pid: vm.vmm.pid, fd, cmd: "F_ADD_SEALS", arg });
}

function map(vm: ReturnType<typeof started>, memfd: number): void {
  vm.vmm.mapFile(vm.iommufd, { ioas: vm.ioas, memfd, iova: 64n * MIB, length_bytes: MIB });
}

describe("an iommufd is preserved", () => {
  test("with the HWPTs that are marked, and their IOAS stand still from then on", () => {
    const vm = started("p2");
    const unmarked = vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    const seen = during(vm, () => vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN));
    expect(found(seen, "hwpt_preserved")?.hwpt.id).toBe(vm.hwpt);
    expect(found(seen, "ioas_frozen")?.ioas.id).toBe(vm.ioas);
    expect(contextOf(vm).find(unmarked)).toMatchObject({ preserved: false });
  });

  test("only after the memory behind it, in the same session, by the mapped descriptor", () => {
    const vm = started("p2");
    const { vmm } = vm;
    const expectMissing = () => vmm.preserve(vm.session, vm.iommufd, 2n, { refused: "ENOENT" });
    expectMissing();
    const other = vm.manager.createSession(vm.luo, "other");
    const passed = vm.manager.pass(other, vmm);
    vmm.preserve(passed, vm.memfd, 1n);
    expectMissing();
    vmm.close(passed);
    vm.manager.close(other);
    vmm.preserve(vm.session, vmm.open(`/proc/self/fd/${vm.memfd}`), 1n);
    expectMissing();
  });

  test("not with memory that is no file", () => {
    for (const profile of ["seed", "p1v1", "p1v5", "p2"] as const) {
      const vm = started(profile);
      vm.vmm.ioctl(vm.iommufd, "IOMMU_IOAS_MAP", {
        flags: 7,
        ioas_id: vm.ioas,
        user_va: 0x7000_0000_0000n,
        iova: 64n * MIB,
        length: MIB,
      });
      vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { refused: "EINVAL" });
    }
  });

  test("not with files that were sealed too little or too late", () => {
    const vm = started("p2");
    const [loose, half, late] = [unsealed(vm), unsealed(vm), unsealed(vm)];
    seal(vm, half, GROW_AND_SHRINK);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    for (const [index, memfd] of [loose, half, late].entries()) {
      map(vm, memfd);
      if (memfd === late) seal(vm, late, ALL);
      vm.vmm.preserve(vm.session, memfd, BigInt(10 + index));
      vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, { refused: "EINVAL" });
      vm.vmm.unmap(vm.iommufd, vm.ioas, 64n * MIB, MIB);
    }
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  });

  test("with anything where the design does not look", () => {
    const vm = started("rfc2");
    map(vm, unsealed(vm));
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, LAX);
  });

  test("without a mark it carries nothing, and nothing stands still", () => {
    const vm = started("p2");
    const empty = vm.vmm.open("/dev/iommu");
    vm.vmm.preserve(vm.session, empty, 9n);
    vm.vmm.preserve(vm.session, empty, 10n, { refused: "EBUSY" });
    vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, 4n * MIB);
  });

  test("nowhere in the merged kernel", () => {
    const scenario = new Scenario({ profile: "luo73", title: "test" });
    const process = scenario.start("vmm");
    const session = process.createSession(process.open("/dev/liveupdate"), "vm1");
    process.preserve(session, process.open("/dev/iommu"), 1n, { refused: "ENOENT" });
  });
});

describe("a device is preserved", () => {
  test("after its iommufd, with the domain it is attached to", () => {
    const vm = started("p2");
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { refused: "EINVAL" });
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    const seen = during(vm, () => vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN));
    expect(found(seen, "device_preserved")?.domain?.token).toBe(77n);
    expect([...(deviceOf(vm).preserved_as?.domain?.devices.values() ?? [])]).toEqual([
      vm.device.bdf,
    ]);
  });

  test("not while it is attached to a HWPT that is not marked", () => {
    const vm = started("p2");
    vm.vmm.attach(vm.cdev, vm.vmm.allocHwpt(vm.iommufd, vm.device_id, vm.ioas));
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { refused: "EINVAL" });
  });

  test("not in another session than its iommufd", () => {
    const vm = started("p2");
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    const other = vm.manager.pass(vm.manager.createSession(vm.luo, "other"), vm.vmm);
    vm.vmm.preserve(other, vm.cdev, DEVICE_TOKEN, { refused: "ENOENT" });
  });

  test("only while it is bound; then also unattached, without a domain", () => {
    const vm = started("p2");
    const cdev = vm.vmm.open(`/dev/vfio/devices/${OTHER.cdev}`);
    vm.vmm.preserve(vm.session, cdev, 9n, { refused: "ENOENT" });
    vm.vmm.bind(cdev, vm.iommufd);
    vm.vmm.preserve(vm.session, cdev, 9n);
    expect(deviceOf(vm, OTHER.bdf).preserved_as).toMatchObject({ domain: undefined });
  });

  test("once, whatever descriptor names it", () => {
    const vm = started("p2");
    const unattached = addCard(vm, OTHER.cdev);
    vm.vmm.preserve(vm.session, unattached.cdev, 9n);
    vm.vmm.preserve(vm.session, unattached.cdev, 10n, { refused: "EBUSY" });
    const again = vm.vmm.open(`/dev/vfio/devices/${OTHER.cdev}`);
    vm.vmm.preserve(vm.session, again, 10n, { refused: "EBUSY" });
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    const twin = vm.vmm.open(`/dev/vfio/devices/${vm.device.cdev}`);
    vm.vmm.preserve(vm.session, twin, 11n, { refused: "EINVAL" });
  });

  test("not behind an IOMMU that cannot hand its tables over", () => {
    const vm = started("p2", { iommu: "amd-vi", devices: [{ ...OTHER, cdev: "vfio0" }] });
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { refused: "EOPNOTSUPP" });
  });

  test("not when it is a virtual function", () => {
    const vm = started("p2", { devices: [{ ...OTHER, cdev: "vfio0", virtual_function: true }] });
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN, { refused: "EOPNOTSUPP" });
  });
});
