import { describe, expect, test } from "vitest";
import {
  bindDevice,
  claimDomain,
  finish,
  HWPT_TOKEN,
  IOMMUFD_TOKEN,
  NIC,
  replaceDomain,
} from "../../../src/replay/scenario/blocks.js";
import type { Ending } from "../../../src/replay/scenario/scenario.js";
import {
  addCard,
  arrived,
  contextOf,
  deviceOf,
  domainOf,
  during,
  found,
  MIB,
  OTHER,
  retrieved,
} from "./world.js";

const BUSY: Ending = { refused: "EBUSY" };
const RESTORING = ["seed", "rfc2", "p2"] as const;

describe("retrieving an iommufd", () => {
  test("gives an empty one that knows its record", () => {
    const vm = retrieved("p2");
    const context = contextOf(vm);
    expect(context.objects()).toEqual([]);
    expect(context.retrieved_as?.record.domains).toHaveLength(1);
  });

  test("fails in phase 1, for good", () => {
    for (const profile of ["p1v1", "p1v5"] as const) {
      const vm = arrived(profile);
      const refused = "EOPNOTSUPP";
      vm.vmm.retrieve(vm.session, IOMMUFD_TOKEN, { refused });
      vm.vmm.retrieve(vm.session, IOMMUFD_TOKEN, { refused });
      vm.vmm.finish(vm.session, BUSY);
    }
  });
});

describe("the restore call", () => {
  test("turns the domain into a HWPT, once a token", () => {
    const vm = retrieved("p2");
    bindDevice(vm);
    const seen = during(vm, () => {
      expect(vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN)).toBe(2);
    });
    expect(found(seen, "domain_claimed")?.domain).toBe(domainOf(vm));
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN, { refused: "ENOENT" });
    vm.vmm.restoreHwpt(vm.iommufd, 4711, { refused: "ENOENT" });
  });

  test("works on no other iommufd, and on none after FINISH", () => {
    const vm = retrieved("p2");
    vm.vmm.restoreHwpt(vm.vmm.open("/dev/iommu"), HWPT_TOKEN, { refused: "ENOTTY" });
    claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.finish(vm.session);
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN, { refused: "ENOTTY" });
  });

  test("wants the devices bound first where RFC v2 says so", () => {
    const refusing = retrieved("rfc2");
    refusing.vmm.restoreHwpt(refusing.iommufd, HWPT_TOKEN, { refused: "ENODEV" });
    claimDomain(refusing);
    const free = retrieved("p2");
    free.vmm.restoreHwpt(free.iommufd, HWPT_TOKEN);
  });

  test("finds nothing where no device brought the domain along", () => {
    const vm = retrieved("p2");
    const { domains } = contextOf(vm).retrieved_as?.record ?? { domains: [] };
    const [domain] = domains;
    if (domain === undefined) throw new Error("no domain");
    domain.restored = undefined;
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN, { refused: "ENOENT" });
  });

  test("returns the same id every time where the kernel made the HWPT with the device", () => {
    const vm = retrieved("seed");
    const seen = during(vm, () => bindDevice(vm));
    const hwpt = found(seen, "domain_claimed")?.hwpt;
    expect(hwpt?.id).toBe(2);
    expect(vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN)).toBe(2);
    expect(vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN)).toBe(2);
    expect(deviceOf(vm).hardware.group.attached.get(0)?.hwpt).toBe(hwpt);
  });
});

test("a HWPT that the kernel made by itself has the id that the restore call shows", () => {
  const vm = retrieved("seed");
  bindDevice(vm);
  const { scenario, vmm, iommufd } = vm;
  const call = { type: "ioctl", pid: vmm.pid, fd: iommufd } as const;
  const recorded = { ret: 0, out: { pt_id: 7 } };
  const token = { size: 16, hwpt_token: BigInt(HWPT_TOKEN) };
  scenario.add({ ...call, op: "IOMMU_HWPT_LU_RESTORE", in: token, ...recorded });
  expect(contextOf(vm).find(7)?.type).toBe("HWPT_PAGING");
  expect(contextOf(vm).find(2)).toBeUndefined();
});

describe("a restored HWPT", () => {
  test.each(RESTORING)("under %s takes no mapping and lets none go", (profile) => {
    const vm = retrieved(profile);
    const restored = claimDomain(vm);
    const { vmm, iommufd, memfd } = vm;
    const mapping = { ioas: restored, memfd, iova: 64n * MIB, length_bytes: MIB };
    vmm.mapFile(iommufd, mapping, { refused: "ENOENT" });
    vmm.unmap(iommufd, restored, 0n, 4n * MIB, { refused: "ENOENT" });
  });

  test("is no parent, tracks nothing, and can be marked", () => {
    const vm = retrieved("p2");
    const restored = claimDomain(vm);
    const { vmm, iommufd, device_id } = vm;
    const parent = { dev_id: device_id, pt_id: restored };
    vmm.ioctl(iommufd, "IOMMU_HWPT_ALLOC", parent, { refused: "EOPNOTSUPP" });
    const track = { hwpt_id: restored, flags: 1 };
    vmm.ioctl(iommufd, "IOMMU_HWPT_SET_DIRTY_TRACKING", track, { refused: "EINVAL" });
    vmm.mark(iommufd, restored, 5n);
  });

  test.each(RESTORING)("under %s goes only after it was replaced", (profile) => {
    const vm = retrieved(profile);
    const restored = claimDomain(vm);
    vm.vmm.destroy(vm.iommufd, restored, BUSY);
    const domain = domainOf(vm);
    const seen = during(vm, () => replaceDomain(vm));
    expect(found(seen, "domain_replaced")?.domain).toBe(domain);
    expect(found(seen, "domain_replaced")?.hwpt.id).toBe(vm.hwpt);
    const gone = during(vm, () => vm.vmm.destroy(vm.iommufd, restored));
    expect(found(gone, "domain_destroyed")?.domain).toBe(domain);
    expect(found(gone, "domain_destroyed")?.cause).toBe("destroyed");
    expect(domain.end).toBeDefined();
  });

  test("takes other devices, and its own ones back, where the kernel does not mind", () => {
    const vm = retrieved("p2");
    const restored = claimDomain(vm);
    const other = addCard(vm, OTHER.cdev);
    vm.vmm.attach(other.cdev, restored);
    vm.vmm.detach(other.cdev);
    replaceDomain(vm);
    vm.vmm.attach(vm.cdev, restored);
    vm.vmm.destroy(vm.iommufd, restored, BUSY);
    vm.vmm.finish(vm.session, BUSY);
    vm.vmm.attach(vm.cdev, vm.hwpt);
    vm.vmm.finish(vm.session);
  });

  test("is only to be replaced and destroyed in the seed's model", () => {
    const vm = retrieved("seed");
    const restored = claimDomain(vm);
    const other = addCard(vm, OTHER.cdev);
    vm.vmm.attach(other.cdev, restored, { refused: "EINVAL" });
    replaceDomain(vm);
    vm.vmm.attach(vm.cdev, restored, { refused: "EINVAL" });
  });

  test("is attached to again all the same where the kernel let it happen", () => {
    const vm = retrieved("seed");
    const restored = claimDomain(vm);
    const other = addCard(vm, OTHER.cdev);
    const first = during(vm, () => vm.vmm.attach(other.cdev, restored, { kernel: "ok" }));
    expect(found(first, "device_attached")?.hwpt.id).toBe(restored);
    replaceDomain(vm);
    vm.vmm.attach(vm.cdev, restored, { kernel: "ok" });
    vm.vmm.destroy(vm.iommufd, restored, BUSY);
  });

  test("is not what a detach finds attached, where only the boot had attached it", () => {
    const vm = retrieved("p2");
    claimDomain(vm);
    vm.vmm.detach(vm.cdev);
    expect(domainOf(vm).attached).toBe(true);
    const automatic = retrieved("seed");
    bindDevice(automatic);
    const seen = during(automatic, () => automatic.vmm.detach(automatic.cdev));
    expect(found(seen, "domain_released")?.cause).toBe("detached");
    expect(domainOf(automatic).attached).toBe(false);
  });
});

describe("FINISH", () => {
  test("waits until every device left its restored domain", () => {
    const vm = arrived("p2");
    const { vmm, session } = vm;
    vmm.finish(session, BUSY);
    vm.memfd = vmm.retrieve(session, 1n);
    vmm.finish(session, BUSY);
    vm.iommufd = vmm.retrieve(session, 2n);
    vm.cdev = vmm.retrieve(session, 3n);
    vmm.finish(session, BUSY);
    bindDevice(vm);
    vmm.finish(session, BUSY);
    vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN);
    vmm.finish(session, BUSY);
    replaceDomain(vm);
    vmm.finish(session);
  });

  test("waits for a HWPT that nobody asked for by its token", () => {
    const vm = retrieved("p2");
    bindDevice(vm);
    replaceDomain(vm);
    vm.vmm.finish(vm.session, BUSY);
    vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN);
    vm.vmm.finish(vm.session);
  });

  test("touches no domain", () => {
    const vm = retrieved("p2");
    claimDomain(vm);
    replaceDomain(vm);
    const seen = during(vm, () => vm.vmm.finish(vm.session));
    expect(seen.filter(({ kind }) => kind.startsWith("domain_"))).toEqual([]);
    expect(domainOf(vm).end).toBeUndefined();
  });

  test("waits for memory that a domain still maps, in the seed's model", () => {
    const vm = arrived("seed");
    const { vmm, session } = vm;
    vm.iommufd = vmm.retrieve(session, 2n);
    vm.cdev = vmm.retrieve(session, 3n);
    bindDevice(vm);
    vmm.finish(session, BUSY);
    vmm.detach(vm.cdev);
    vmm.finish(session);
  });

  test("lets others to the device again", () => {
    const vm = retrieved("p2");
    claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.open(`/dev/vfio/devices/${NIC.cdev}`, BUSY);
    finish(vm);
    vm.vmm.open(`/dev/vfio/devices/${NIC.cdev}`);
  });

  test("that a kernel accepted too early leaves the domain where it is", () => {
    const vm = retrieved("seed");
    claimDomain(vm);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    expect(domainOf(vm)).toMatchObject({ attached: true, end: undefined });
  });
});
