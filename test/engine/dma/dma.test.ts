import { describe, expect, test } from "vitest";
import { compareOutcome } from "../../../src/replay/compare.js";
import type { Scenario } from "../../../src/replay/scenario/scenario.js";
import { EDU, startDevice, startVmm, writeCommand } from "../vfio/devices.js";

const MIB = 0x10_0000n;

interface Transfer {
  readonly iova: bigint;
  readonly length_bytes?: number;
  readonly device_offset?: number;
}

function transfer(scenario: Scenario, direction: "read" | "write", asked: Transfer) {
  const length_bytes = asked.length_bytes ?? 16;
  const dma = { type: "dma", device: "vfio0", direction, observed: "ok" } as const;
  return scenario.add({ ...dma, length_bytes, device_offset: 0, ...asked });
}

/** What the model predicts for a transfer, and why. */
function predicted(scenario: Scenario, direction: "read" | "write", asked: Transfer) {
  const { outcome } = transfer(scenario, direction, asked);
  return [outcome.claims["observed"], outcome.decided_by];
}

/** A device with 64 KiB of a memfd mapped at 1 MiB. */
function startWithRam() {
  const story = startDevice();
  const ram = story.vmm.sealedMemfd("ram", MIB);
  const mapping = { memfd: ram, iova: MIB, length_bytes: 0x10000n, start: 0x4000n };
  story.vmm.mapFile(story.iommufd, { ioas: story.ioas, ...mapping });
  return { ...story, ram };
}

describe("a transfer", () => {
  test("goes through what is mapped", () => {
    const { scenario } = startWithRam();
    expect(predicted(scenario, "write", { iova: MIB })).toEqual(["ok", undefined]);
    expect(predicted(scenario, "read", { iova: MIB + 0xfff0n })).toEqual(["ok", undefined]);
  });

  test("faults beside it, and in part where it runs off the end", () => {
    const { scenario } = startWithRam();
    expect(predicted(scenario, "write", { iova: 0x9000n })).toEqual(["fault", "not_mapped"]);
    const off = { iova: MIB + 0xff00n, length_bytes: 512 };
    expect(predicted(scenario, "write", off)).toEqual(["partial", "not_mapped"]);
  });

  test("faults after unmap and after detach", () => {
    const { scenario, vmm, iommufd, ioas, device } = startWithRam();
    vmm.unmap(iommufd, ioas, MIB, 0x10000n);
    expect(predicted(scenario, "read", { iova: MIB })).toEqual(["fault", "not_mapped"]);
    vmm.detach(device);
    expect(predicted(scenario, "read", { iova: MIB })).toEqual(["fault", "blocked"]);
  });

  test("does not start while the device is no bus master", () => {
    const { scenario, vmm, device } = startWithRam();
    writeCommand(vmm, device, 0x3);
    expect(predicted(scenario, "write", { iova: MIB })).toEqual(["fault", "bus_master_off"]);
  });

  test("into the interrupt window is a message: nothing is claimed about it", () => {
    const { scenario } = startWithRam();
    const { outcome } = transfer(scenario, "write", { iova: 0xfee0_0000n });
    expect(outcome.judgement).toBe("none");
  });

  test("of a device nobody knows is not judged", () => {
    const { scenario } = startVmm();
    const dma = { type: "dma", device: "0000:09:00.0", direction: "read" } as const;
    const step = scenario.add({ ...dma, iova: 0n, length_bytes: 4, observed: "ok" });
    expect(step.outcome.judgement).toBe("none");
  });
});

describe("permissions of a mapping", () => {
  function mapOnly(flags: number, facts?: Parameters<typeof startVmm>[0]) {
    const { scenario, vmm, iommufd } = startVmm(facts);
    const device = vmm.open(EDU);
    vmm.bind(device, iommufd);
    const ioas_id = vmm.allocIoas(iommufd);
    vmm.attach(device, ioas_id);
    writeCommand(vmm, device, 0x7);
    const fd = vmm.sealedMemfd("ram", MIB);
    const where = { fd, start: 0n, length: 0x1000n, iova: MIB };
    vmm.ioctl(iommufd, "IOMMU_IOAS_MAP_FILE", { ioas_id, flags, ...where });
    return (["read", "write"] as const).map((way) => predicted(scenario, way, { iova: MIB })[1]);
  }

  test("hold on second-stage tables", () => {
    expect(mapOnly(5)).toEqual([undefined, "not_writable"]);
    expect(mapOnly(3)).toEqual(["not_readable", undefined]);
  });

  test("let a write-only page be read on first-stage tables", () => {
    expect(mapOnly(3, { iommu: "vt-d first stage" })).toEqual([undefined, undefined]);
  });
});

describe("data", () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => index + 1);

  function found(scenario: Scenario, pid: number, fd: number, offset: bigint, data: Uint8Array) {
    const look = { type: "memory_content", pid, fd, offset, length_bytes: data.length } as const;
    const step = scenario.add({ ...look, data });
    return [step.outcome.judgement, compareOutcome(step.event, step.outcome).length];
  }

  test("travels from RAM through the device to other RAM", () => {
    const { scenario, vmm, ram } = startWithRam();
    const { pid } = vmm;
    const store = { type: "cpu_write", pid, fd: ram, offset: 0x4000n, length_bytes: 16 } as const;
    scenario.add({ ...store, data: bytes });
    transfer(scenario, "read", { iova: MIB, device_offset: 64 });
    transfer(scenario, "write", { iova: MIB + 0x2008n, device_offset: 64 });
    expect(found(scenario, pid, ram, 0x6008n, bytes)).toEqual(["predicted", 0]);
  });

  test("is zeros where a read faulted", () => {
    const { scenario, vmm, ram } = startWithRam();
    const { pid } = vmm;
    scenario.add({
      type: "dma",
      device: "vfio0",
      direction: "read",
      observed: "fault",
      iova: 0n,
      length_bytes: 16,
      device_offset: 0,
    });
    transfer(scenario, "write", { iova: MIB });
    expect(found(scenario, pid, ram, 0x4000n, new Uint8Array(16))).toEqual(["predicted", 0]);
    // What was found is what is there from now on.
    expect(found(scenario, pid, ram, 0x4000n, bytes)).toEqual(["predicted", 1]);
    expect(found(scenario, pid, ram, 0x4000n, bytes)).toEqual(["predicted", 0]);
  });

  test("of a device whose memory nobody saw is not known", () => {
    const { scenario, vmm, ram } = startWithRam();
    transfer(scenario, "write", { iova: MIB });
    expect(found(scenario, vmm.pid, ram, 0x4000n, bytes)).toEqual(["none", 0]);
  });
});
