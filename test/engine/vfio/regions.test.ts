import { expect, test } from "vitest";
import type { Ending } from "../../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../../src/replay/scenario/scenario-process.js";
import { answerRegion, CONFIG, startDevice } from "./devices.js";

const BAR0 = 0n;
const BAR5 = 5n << 40n;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const PROT_READ = 1;

function pread(vmm: ScenarioProcess, fd: number, offset: bigint, ending?: Ending): number {
  const event = { type: "pread", pid: vmm.pid, fd, count: 4n, offset } as const;
  return Number(vmm.scenario.call(event, ending).outcome.ret);
}

function mmap(vmm: ScenarioProcess, fd: number, offset: bigint, flags: number, ending?: Ending) {
  const addr = { addr: 0n, length: 0x1000n, prot: PROT_READ };
  return vmm.scenario.call({ type: "mmap", pid: vmm.pid, fd, offset, flags, ...addr }, ending);
}

test("config space ends where the device says, other regions end without an error code", () => {
  const { vmm, device } = startDevice();
  answerRegion(vmm, device, 0, { flags: 7, length_bytes: 0x100000n });
  answerRegion(vmm, device, 5, { flags: 0, length_bytes: 0n });
  expect(pread(vmm, device, CONFIG + 252n)).toBe(4);
  pread(vmm, device, CONFIG + 254n, { refused: "EFAULT" });
  expect(pread(vmm, device, BAR0 + 0xffffen)).toBe(2);
  pread(vmm, device, BAR5, { refused: "EINVAL" });
  pread(vmm, device, 9n << 40n, { refused: "EINVAL" });
});

test("only BARs can be mapped, and only shared", () => {
  const { vmm, device } = startDevice();
  answerRegion(vmm, device, 0, { flags: 7, length_bytes: 0x1000n });
  mmap(vmm, device, BAR0, MAP_PRIVATE, { refused: "EINVAL" });
  mmap(vmm, device, BAR0 + 0x1000n, MAP_SHARED, { refused: "EINVAL" });
  mmap(vmm, device, CONFIG, MAP_SHARED, { refused: "EINVAL" });
  mmap(vmm, device, BAR0, MAP_SHARED);
});

test("a mapped BAR keeps the device bound and attached after close", () => {
  const { scenario, vmm, iommufd, ioas, device } = startDevice();
  answerRegion(vmm, device, 0, { flags: 7, length_bytes: 0x1000n });
  const address = BigInt(mmap(vmm, device, BAR0, MAP_SHARED).outcome.ret);
  vmm.close(device);
  vmm.destroy(iommufd, ioas, { refused: "EBUSY" });
  scenario.call({ type: "munmap", pid: vmm.pid, addr: address, length: 0x1000n });
  vmm.destroy(iommufd, ioas);
});
