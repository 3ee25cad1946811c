import { describe, expect, test } from "vitest";
import { FilePages } from "../../../src/engine/memory/file-pages.js";
import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  kexec,
  preserve,
} from "../../../src/replay/scenario/blocks.js";
import { domainOf, during, found, MIB, preserved, started } from "./world.js";

function serialized(vm: ReturnType<typeof started>) {
  const seen = during(vm, () => kexec(vm));
  const domain = found(seen, "domain_serialized")?.domain;
  if (domain?.table === undefined) throw new Error("no domain was serialized");
  return { domain, table: domain.table, seen };
}

describe("the table that is written down", () => {
  test("names the memory behind each IOVA", () => {
    const vm = preserved("p2");
    const { domain, table } = serialized(vm);
    expect(domain.token).toBe(77n);
    const [run] = table.runs;
    expect(run).toMatchObject({ first: 0n, last: 4n * MIB - 1n, offset: 0n, preserved: true });
    expect(run?.memory).toBeInstanceOf(FilePages);
    expect(run?.writable).toBe(true);
  });

  test("is the same object, with the same uid, in the next kernel", () => {
    const vm = preserved("p2");
    const { domain, table, seen } = serialized(vm);
    const restored = found(seen, "domain_restored")?.domain;
    expect(restored?.uid).toBe(domain.uid);
    expect(restored?.table).toBe(table);
    expect(domainOf(vm)).toBe(restored);
  });

  test("keeps rights and offsets of each mapping", () => {
    const vm = started("p2");
    const READABLE_FIXED = 5;
    vm.vmm.ioctl(vm.iommufd, "IOMMU_IOAS_MAP_FILE", {
      flags: READABLE_FIXED,
      ioas_id: vm.ioas,
      fd: vm.memfd,
      start: MIB,
      length: MIB,
      iova: 64n * MIB,
    });
    preserve(vm);
    const { table } = serialized(vm);
    expect(table.runs[1]).toMatchObject({ first: 64n * MIB, offset: MIB, writable: false });
  });

  test("knows memory that is not handed over", () => {
    const vm = started("rfc2");
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    const { table } = serialized(vm);
    expect(table.runs).toMatchObject([{ preserved: false }]);
    expect(table.pageAt(0n)?.freed_seq).toBe(table.kexec_seq);
  });

  test("knows pages that left the file before it was preserved: they do not cross with it", () => {
    const vm = started("p2");
    vm.vmm.punchHole(vm.memfd, MIB, MIB);
    preserve(vm);
    const { table } = serialized(vm);
    expect(table.runs.map(({ first, last, preserved }) => [first, last, preserved])).toEqual([
      [0n, MIB - 1n, true],
      [MIB, 2n * MIB - 1n, false],
      [2n * MIB, 4n * MIB - 1n, true],
    ]);
  });

  test("crosses only where a device brings it along", () => {
    const vm = started("p2");
    vm.vmm.preserve(vm.session, vm.memfd, 1n);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    serialized(vm);
    expect(vm.scenario.machine.restoredDomains).toEqual([]);
  });

  test("is shared by all devices that were on it", () => {
    const vm = preserved("p2");
    const { seen } = serialized(vm);
    expect(seen.filter(({ kind }) => kind === "domain_restored")).toHaveLength(1);
  });
});
