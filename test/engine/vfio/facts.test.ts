import { expect, test } from "vitest";
import type { IoctlEvent } from "../../../src/engine/event/index.js";
import { compareOutcome } from "../../../src/replay/compare.js";
import { EDU, startVmm } from "./devices.js";

const ASK = { argsz: 32, flags: 0, index: 0, cap_offset: 0, size: 0n, offset: 0n };

function regionInfo(pid: number, fd: number, size: bigint): Omit<IoctlEvent, "seq"> {
  const out = { flags: 7, size };
  return { type: "ioctl", pid, fd, op: "VFIO_DEVICE_GET_REGION_INFO", in: ASK, out, ret: 0 };
}

test("the first answer about a region is adopted, a later one that differs is a divergence", () => {
  const { scenario, vmm, iommufd } = startVmm();
  const device = vmm.open(EDU);
  vmm.bind(device, iommufd);
  const fields = [0x100000n, 0x100000n, 0x200000n].map((size) => {
    const step = scenario.add(regionInfo(vmm.pid, device, size));
    return compareOutcome(step.event, step.outcome).map(({ field }) => field);
  });
  expect(fields).toEqual([[], [], ["size"]]);
});

test("a device that cannot be reset says so in its info and refuses the reset", () => {
  const { vmm, iommufd } = startVmm();
  const device = vmm.open(EDU);
  vmm.bind(device, iommufd);
  expect(vmm.ioctl(device, "VFIO_DEVICE_GET_INFO", { argsz: 24 })["flags"]).toBe(2);
  vmm.ioctl(device, "VFIO_DEVICE_RESET", {}, { refused: "EINVAL" });
});

test("a region's capability is left out where the caller gave no room for it", () => {
  const { scenario, vmm, iommufd } = startVmm();
  const device = vmm.open(EDU);
  vmm.bind(device, iommufd);
  const answer = { ...regionInfo(vmm.pid, device, 0x4000n), out: { flags: 15, size: 0x4000n } };
  const first = scenario.add(answer);
  expect(first.outcome.out["argsz"]).toBe(40);
  const again = { ...answer, in: { ...ASK, argsz: 48 }, tail: new Uint8Array(16) };
  const { outcome } = scenario.add(again);
  expect(outcome.out["cap_offset"]).toBe(32);
  expect([...(outcome.out_tail ?? [])].slice(0, 9)).toEqual([3, 0, 1, 0, 0, 0, 0, 0, 0]);
});
