import { expect, test } from "vitest";
import type { Ending } from "../../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../../src/replay/scenario/scenario-process.js";
import { startDevice } from "./devices.js";

const NONE = 1;
const EVENTFD = 4;
const UNMASK = 0x10;
const TRIGGER = 0x20;
const MSI = 1;
const MSIX = 2;
const REQUEST = 4;

interface Asked {
  readonly index: number;
  readonly flags: number;
  readonly count?: number;
  readonly fd?: number;
}

function setIrqs(vmm: ScenarioProcess, device: number, asked: Asked, ending?: Ending): void {
  const { index, flags, count = 1, fd } = asked;
  const tail = new Uint8Array(fd === undefined ? 0 : 4);
  if (fd !== undefined) new DataView(tail.buffer).setInt32(0, fd, true);
  const args = { argsz: 20 + tail.length, flags, index, start: 0, count };
  const call = { type: "ioctl", pid: vmm.pid, fd: device, op: "VFIO_DEVICE_SET_IRQS" } as const;
  vmm.scenario.call({ ...call, in: args, tail }, ending);
}

function eventfd(vmm: ScenarioProcess): number {
  const fd = vmm.scenario.machine.process(vmm.pid).fds.lowestFree(3);
  vmm.scenario.add({ type: "new_fds", pid: vmm.pid, what: "eventfd", fds: [fd], ret: 0 });
  return fd;
}

test("MSI is set up, fired and taken down, in this order only", () => {
  const { vmm, device } = startDevice();
  const fire = { index: MSI, flags: NONE | TRIGGER };
  setIrqs(vmm, device, fire, { refused: "EINVAL" });
  setIrqs(vmm, device, { ...fire, count: 0 }, { refused: "EINVAL" });
  setIrqs(vmm, device, { index: MSI, flags: EVENTFD | TRIGGER, fd: eventfd(vmm) });
  setIrqs(vmm, device, fire);
  setIrqs(vmm, device, { ...fire, count: 0 });
  setIrqs(vmm, device, fire, { refused: "EINVAL" });
});

test("INTx, MSI and MSI-X exclude each other; the request interrupt does not care", () => {
  const { vmm, device } = startDevice();
  const fd = eventfd(vmm);
  setIrqs(vmm, device, { index: MSI, flags: EVENTFD | TRIGGER, fd });
  setIrqs(vmm, device, { index: MSIX, flags: EVENTFD | TRIGGER, fd }, { refused: "EINVAL" });
  setIrqs(vmm, device, { index: REQUEST, flags: EVENTFD | TRIGGER, fd });
  setIrqs(vmm, device, { index: MSI, flags: NONE | UNMASK }, { refused: "ENOTTY" });
});

test("an interrupt wants an eventfd", () => {
  const { vmm, device, iommufd } = startDevice();
  const arm = { index: MSI, flags: EVENTFD | TRIGGER };
  setIrqs(vmm, device, { ...arm, fd: 40 }, { refused: "EBADF" });
  setIrqs(vmm, device, { ...arm, fd: iommufd }, { refused: "EINVAL" });
  setIrqs(vmm, device, arm, { refused: "EINVAL" });
  expect(vmm.scenario.contradicted).toEqual([]);
});
