import { describe, expect, test } from "vitest";
import type { ScenarioProcess } from "../../../src/replay/scenario/scenario-process.js";
import { answerRegion, NVME, startDevice, writeCommand } from "./devices.js";

const GET = 0x1_0000;
const FEATURE_DMA_BUF = 11;
const O_CLOEXEC = 0o2000000;

/** VFIO_DEVICE_FEATURE_DMA_BUF for one range of BAR 0. */
function exportBar(vmm: ScenarioProcess, device: number, range: readonly [bigint, bigint]) {
  const tail = new Uint8Array(32);
  const view = new DataView(tail.buffer);
  view.setUint32(4, O_CLOEXEC, true);
  view.setUint32(12, 1, true);
  view.setBigUint64(16, range[0], true);
  view.setBigUint64(24, range[1], true);
  const { pid, scenario } = vmm;
  return {
    type: "ioctl" as const,
    pid,
    fd: device,
    op: "VFIO_DEVICE_FEATURE",
    in: { argsz: 40, flags: GET | FEATURE_DMA_BUF },
    tail,
    scenario,
  };
}

function exported(vmm: ScenarioProcess, device: number): number {
  const { scenario, ...event } = exportBar(vmm, device, [0n, 0x1000n]);
  return Number(scenario.call(event).outcome.ret);
}

function startPeer() {
  const story = startDevice(NVME);
  answerRegion(story.vmm, story.device, 0, { flags: 15, length_bytes: 0x4000n });
  return story;
}

describe("a BAR as dma-buf", () => {
  test("is exported in whole pages, inside the BAR", () => {
    const { vmm, device } = startPeer();
    for (const range of [
      [0x800n, 0x1000n],
      [0n, 0n],
      [0x4000n, 0x1000n],
    ] as const) {
      const { scenario, ...event } = exportBar(vmm, device, range);
      scenario.call(event, { refused: "EINVAL" });
    }
    expect(exported(vmm, device)).toBeGreaterThan(2);
  });

  test("can be mapped until memory decoding goes, and again when it is back", () => {
    const { vmm, iommufd, ioas, device } = startPeer();
    const dmabuf = exported(vmm, device);
    const mapping = { ioas, memfd: dmabuf, iova: 0x50_0000n, length_bytes: 0x1000n };
    vmm.mapFile(iommufd, mapping);
    writeCommand(vmm, device, 0x5);
    vmm.mapFile(iommufd, { ...mapping, iova: 0x60_0000n }, { refused: "ENODEV" });
    writeCommand(vmm, device, 0x7);
    vmm.mapFile(iommufd, { ...mapping, iova: 0x60_0000n });
  });

  test("leads nowhere after a reset, though the mapping stays", () => {
    const { scenario, vmm, iommufd, ioas, device } = startPeer();
    const dmabuf = exported(vmm, device);
    vmm.mapFile(iommufd, { ioas, memfd: dmabuf, iova: 0x50_0000n, length_bytes: 0x1000n });
    const read = () => {
      const observed = "unknown" as const;
      const dma = { type: "dma", device: "vfio1", direction: "read", observed } as const;
      const step = scenario.add({ ...dma, iova: 0x50_0008n, length_bytes: 4 });
      return step.outcome.decided_by;
    };
    expect(read()).toBeUndefined();
    vmm.ioctl(device, "VFIO_DEVICE_RESET");
    expect(read()).toBe("revoked");
    vmm.unmap(iommufd, ioas, 0x50_0000n, 0x1000n);
    expect(read()).toBe("not_mapped");
  });

  test("is dead for good once the device is closed", () => {
    const { vmm, iommufd, ioas, device } = startPeer();
    const dmabuf = exported(vmm, device);
    vmm.close(device);
    const mapping = { ioas, memfd: dmabuf, iova: 0x50_0000n, length_bytes: 0x1000n };
    vmm.mapFile(iommufd, mapping, { refused: "ENODEV" });
  });
});
