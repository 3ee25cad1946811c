import { describe, expect, test } from "vitest";
import {
  DEVICE_TOKEN,
  IOMMUFD_TOKEN,
  MEMORY_TOKEN,
  setup,
} from "../../src/replay/scenario/blocks.js";
import { findingsOf } from "../support/rule-test.js";
import { Story } from "../support/story.js";
import { dma, jumpOver, MIB, ONE_NIC, startVm, strangeDma } from "../support/vm.js";

/** A descriptor that nothing in the trace has opened. */
const UNKNOWN = 77;

function tell(): Story {
  return new Story("rfc2", {}, ONE_NIC);
}

/** The kernel carries out a call on descriptors the trace does not explain. */
function untold(t: Story, pid: number, fd: number, op: string, args: object): void {
  t.add({ type: "ioctl", pid, fd, op, in: args, ret: 0 } as never);
}

function shown(t: Story): string[] {
  return findingsOf(t).map(({ rule, severity }) => `${rule} ${severity}`);
}

describe("descriptors whose origin the trace does not show", () => {
  test("what they may have changed proves no error", () => {
    const t = tell();
    const { vmm, iommufd, ioas } = startVm(t);
    const memory = { flags: 7, ioas_id: ioas, fd: UNKNOWN, start: 0n };
    const where = { length: MIB, iova: 0x10_0000_0000n };
    untold(t, vmm.pid, iommufd, "IOMMU_IOAS_MAP_FILE", { ...memory, ...where });
    strangeDma(t, "write", where.iova);
    const found = findingsOf(t).find(({ rule }) => rule === "dma-unmapped-iova");
    expect(found?.severity).toBe("info");
    expect(found?.message).toMatch(/; the trace does not explain a descriptor, so this may be wro/);
    expect(shown(t)).toContain("trace-fd-unknown error");
  });

  test("nor does a descriptor that must be another file by now", () => {
    const t = tell();
    const { vmm, iommufd, ioas } = startVm(t);
    const log = 90;
    t.add({ type: "open", pid: vmm.pid, path: "/tmp/log", flags: 2, ret: log });
    const unmap = { ioas_id: ioas, iova: 0n, length: 2n ** 64n - 1n };
    untold(t, vmm.pid, log, "IOMMU_IOAS_UNMAP", unmap);
    strangeDma(t, "write", 0x10_0000_0000n);
    expect(shown(t)).toContain("dma-unmapped-iova info");
    expect(iommufd).not.toBe(log);
  });

  test("what happened after that does", () => {
    const t = tell();
    const { vmm, cdev, iommufd } = startVm(t);
    untold(t, vmm.pid, iommufd, "IOMMU_IOAS_MAP_FILE", { fd: UNKNOWN });
    vmm.detach(cdev);
    strangeDma(t, "write", 0x1000n);
    expect(shown(t)).toContain("dma-after-detach error");
  });

  test("what is wrong with the trace stays an error", () => {
    const t = tell();
    const { vmm } = startVm(t);
    untold(t, vmm.pid, UNKNOWN, "IOMMU_IOAS_ALLOC", {});
    untold(t, vmm.pid, UNKNOWN + 1, "IOMMU_IOAS_ALLOC", {});
    const unknown = shown(t).filter((text) => text.startsWith("trace-fd-unknown"));
    expect(unknown).toEqual(["trace-fd-unknown error", "trace-fd-unknown error"]);
  });

  test("a device may have crossed by a descriptor that is not known", () => {
    const t = tell();
    const vm = setup(t, { memory_bytes: 4n * MIB });
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    const preserve = { fd: UNKNOWN, token: DEVICE_TOKEN };
    untold(t, vm.vmm.pid, vm.session, "LIVEUPDATE_SESSION_PRESERVE_FD", preserve);
    jumpOver(vm);
    dma(t, "write", 0x2000n, "unknown");
    strangeDma(t, "write", 0x2000n);
    expect(shown(t).join("\n")).not.toContain("dma-unpreserved-device-in-blackout");
  });
});

describe("results that the trace does not hold", () => {
  test("where the model refuses, the kernel may not have", () => {
    const t = tell();
    const vm = setup(t, { memory_bytes: 4n * MIB });
    const { pid } = vm.vmm;
    const iova = 0x10_0000_0000n;
    const nothing = { ioas_id: 99, iova, length: MIB, user_va: 0n, flags: 7 };
    t.add({ type: "ioctl", pid, fd: vm.iommufd, op: "IOMMU_IOAS_MAP", in: nothing });
    strangeDma(t, "write", iova);
    const found = findingsOf(t).find(({ rule }) => rule === "dma-unmapped-iova");
    expect(found?.severity).toBe("info");
    expect(found?.message).toContain("; the trace does not say what a call answered, so this may");
  });
});
