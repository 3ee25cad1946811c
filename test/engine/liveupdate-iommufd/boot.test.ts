import { describe, expect, test } from "vitest";
import {
  claimDomain,
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  jump,
  kexec,
  MEMORY_TOKEN,
  NIC,
  preserve,
  replaceDomain,
  retrieveFiles,
} from "../../../src/replay/scenario/blocks.js";
import {
  addCard,
  arrived,
  deviceOf,
  domainOf,
  during,
  found,
  OTHER,
  preserved,
  retrieved,
  SIBLING,
  started,
} from "./world.js";

const SERIES = ["seed", "rfc2", "p1v1", "p1v5", "p2"] as const;

describe("after the jump", () => {
  test("the domain is in front of its devices again, and nobody owns their group yet", () => {
    const vm = started("p2");
    const other = addCard(vm, OTHER.cdev);
    vm.vmm.attach(other.cdev, vm.hwpt);
    preserve(vm);
    vm.vmm.preserve(vm.session, other.cdev, 4n);
    const seen = during(vm, () => kexec(vm));
    const domain = domainOf(vm);
    expect(seen.filter(({ kind }) => kind === "domain_restored")).toHaveLength(1);
    expect([...domain.devices.values()]).toEqual([NIC.bdf, OTHER.bdf]);
    for (const { bdf } of [NIC, OTHER]) {
      const { group } = deviceOf(vm, bdf).hardware;
      expect(group.restored).toBe(domain);
      expect(group.dma_owner).toEqual({ kind: "preserved", iommufd: domain.iommufd });
    }
    expect(seen.filter(({ kind }) => kind === "group_owner_changed")).toHaveLength(2);
  });

  test.each(SERIES)("under %s others are kept off the device", (profile) => {
    const vm = arrived(profile);
    const { scenario, vmm } = vm;
    const bind = { type: "driver_bind", device: NIC.bdf, driver: "ice" } as const;
    scenario.call(bind, { refused: "EBUSY" });
    vmm.open(`/dev/vfio/devices/${NIC.cdev}`, { refused: "EBUSY" });
    const cdev = vmm.retrieve(vm.session, DEVICE_TOKEN);
    vmm.ioctl(cdev, "VFIO_DEVICE_GET_INFO", {}, { refused: "EINVAL" });
    vmm.attach(cdev, 1, { refused: "EINVAL" });
    vmm.bind(cdev, vmm.open("/dev/iommu"), { refused: "EPERM" });
  });

  test("the old group interface opens, but gives no device", () => {
    const vm = arrived("p2");
    const { vmm } = vm;
    const group = vmm.open(`/dev/vfio/${NIC.group}`);
    const container = vmm.open("/dev/vfio/vfio");
    expect(vmm.ioctl(group, "VFIO_GROUP_GET_STATUS")["flags"]).toBe(0);
    vmm.ioctl(group, "VFIO_GROUP_SET_CONTAINER", { container });
    const name = NIC.bdf.padEnd(64, "\0");
    vmm.ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", { name }, { refused: "EBUSY" });
  });

  test("a device that was not preserved is anybody's", () => {
    const vm = arrived("p2");
    const cdev = vm.vmm.open(`/dev/vfio/devices/${OTHER.cdev}`);
    vm.vmm.bind(cdev, vm.vmm.open("/dev/iommu"));
  });

  test("a device preserved without a domain waits for its session, but takes any iommufd", () => {
    const vm = started("p1v5");
    const other = addCard(vm, OTHER.cdev);
    vm.vmm.preserve(vm.session, other.cdev, 4n);
    kexec(vm);
    const manager = vm.scenario.start("manager");
    const session = manager.retrieveSession(manager.open("/dev/liveupdate"), vm.session_name);
    manager.open(`/dev/vfio/devices/${OTHER.cdev}`, { refused: "EBUSY" });
    manager.finish(session, { refused: "EBUSY" });
    const cdev = manager.retrieve(session, 4n);
    manager.finish(session, { refused: "EBUSY" });
    manager.bind(cdev, manager.open("/dev/iommu"));
    manager.finish(session);
    manager.open(`/dev/vfio/devices/${OTHER.cdev}`);
  });

  test("the domain comes back by the first device of a group only", () => {
    const vm = started("p2");
    const sibling = addCard(vm, SIBLING.cdev);
    vm.vmm.attach(sibling.cdev, vm.hwpt);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, sibling.cdev, DEVICE_TOKEN);
    kexec(vm);
    expect(vm.scenario.machine.restoredDomains).toEqual([]);
    expect(deviceOf(vm, SIBLING.bdf).arrived_as).toBeDefined();
  });

  test("a preserved device that is not there any more cannot be retrieved, now or later", () => {
    const vm = arrived("p2");
    vm.scenario.add({ type: "driver_unbind", device: NIC.bdf, driver: "vfio-pci", ret: 0 });
    vm.vmm.retrieve(vm.session, DEVICE_TOKEN, { refused: "ENODEV" });
    vm.scenario.add({ type: "driver_bind", device: NIC.bdf, driver: "vfio-pci", ret: 0 });
    vm.vmm.retrieve(vm.session, DEVICE_TOKEN, { refused: "ENODEV" });
  });

  test("what a kernel let into a session after it had serialized is there all the same", () => {
    const vm = started("p2");
    const { scenario, vmm, session } = vm;
    const ok = { kernel: "ok" } as const;
    vmm.preserve(session, vm.memfd, MEMORY_TOKEN);
    scenario.add({ type: "kexec_load", how: "kexec_file_load", ret: 0 });
    scenario.add({ type: "reboot", pid: vm.manager.pid, cmd: "kexec", never_returned: true });
    vmm.preserve(session, vm.iommufd, IOMMUFD_TOKEN, ok);
    vmm.preserve(session, vm.cdev, DEVICE_TOKEN, ok);
    scenario.add({ type: "boot", kind: "kexec", boot: 2, liveupdate: true, kho: true });
    expect(domainOf(vm).table.runs).toHaveLength(1);
  });

  test("a device that the next kernel has at another place on the bus is another device", () => {
    const vm = arrived("p2");
    const moved = { ...NIC, bdf: "0000:4b:00.0" };
    vm.scenario.add({ type: "machine", facts: { devices: [moved, SIBLING, OTHER] } });
    vm.vmm.retrieve(vm.session, DEVICE_TOKEN, { refused: "ENODEV" });
    expect(deviceOf(vm, moved.bdf).arrived_as).toBeUndefined();
  });

  test("a kernel that was booted otherwise has nothing of it", () => {
    const vm = preserved("p2");
    vm.scenario.add({ type: "boot", kind: "cold", boot: 2 });
    expect(deviceOf(vm).arrived_as).toBeUndefined();
    expect(deviceOf(vm).hardware.group.dma_owner).toBeUndefined();
  });
});

describe("a second kexec", () => {
  test("frees what was not preserved again", () => {
    const vm = arrived("p1v5");
    const domain = domainOf(vm);
    const seen = during(vm, () => jump(vm.scenario, vm.manager));
    expect(found(seen, "domain_destroyed")?.domain).toBe(domain);
    expect(found(seen, "domain_destroyed")?.cause).toBe("kernel_gone");
    expect(domain.end?.cause).toBe("kernel_gone");
    const cdev = vm.scenario.start("vmm").open(`/dev/vfio/devices/${NIC.cdev}`);
    expect(cdev).toBeGreaterThan(0);
  });

  test("carries a VM on that was preserved again, with a domain of its own", () => {
    const vm = arrived("p2");
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    const first = domainOf(vm).uid;
    vm.vmm.destroy(vm.iommufd, restored);
    vm.vmm.finish(vm.session);
    vm.vmm.mark(vm.iommufd, vm.hwpt, 77n);
    vm.manager_session = vm.manager.createSession(vm.luo, "second");
    vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
    preserve(vm);
    kexec(vm);
    expect(domainOf(vm).uid).not.toBe(first);
  });

  test("carries a restored domain on as it is, when its handle is preserved again", () => {
    const vm = retrieved("p2");
    const restored = claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.finish(vm.session);
    const before = domainOf(vm);
    vm.vmm.attach(vm.cdev, restored);
    vm.vmm.mark(vm.iommufd, restored, 78n);
    vm.manager_session = vm.manager.createSession(vm.luo, "second");
    vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
    preserve(vm);
    const seen = during(vm, () => kexec(vm));
    expect(found(seen, "domain_destroyed")).toBeUndefined();
    expect(domainOf(vm).uid).toBe(before.uid);
    expect(domainOf(vm).table.runs).toEqual(before.table.runs);
  });
});
