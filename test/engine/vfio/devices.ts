/** A machine with two PCI devices behind VT-d, and what tests of VFIO do with them. */

import type { MachineFacts } from "../../../src/engine/event/index.js";
import { Scenario } from "../../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../../src/replay/scenario/scenario-process.js";

export const EDU = "/dev/vfio/devices/vfio0";
export const NVME = "/dev/vfio/devices/vfio1";
export const NVME_GROUP = "/dev/vfio/3";
export const NVME_ADDRESS = "0000:00:03.0";
/** Offset of the config space in a VFIO device file. */
export const CONFIG = 7n << 40n;
const COMMAND = CONFIG + 4n;

const MSI = { first: 0xfee00000n, last: 0xfeefffffn, kind: "msi" };

const FACTS: MachineFacts = {
  iommu: "vt-d",
  cpu_stores_recorded: true,
  devices: [
    {
      bdf: "0000:00:02.0",
      group: 2,
      driver: "vfio-pci",
      cdev: EDU,
      reserved: [MSI],
      resettable: false,
    },
    {
      bdf: NVME_ADDRESS,
      group: 3,
      driver: "vfio-pci",
      cdev: NVME,
      reserved: [MSI],
      resettable: true,
    },
  ],
};

/** A VMM with an iommufd, at the beginning of its story. */
export function startVmm(facts: MachineFacts = FACTS) {
  const scenario = new Scenario({ profile: "luo73", title: "vfio", machine: facts });
  const vmm = scenario.start("vmm");
  const iommufd = vmm.open("/dev/iommu");
  return { scenario, vmm, iommufd };
}

/** A device that is bound, attached to a fresh IOAS and allowed to do DMA. */
export function startDevice(path = EDU) {
  const { scenario, vmm, iommufd } = startVmm();
  const device = vmm.open(path);
  vmm.bind(device, iommufd);
  const ioas = vmm.allocIoas(iommufd);
  vmm.attach(device, ioas);
  writeCommand(vmm, device, 0x7);
  return { scenario, vmm, iommufd, device, ioas };
}

/** Stores to the PCI command register: 1 I/O, 2 memory, 4 bus master. */
export function writeCommand(process: ScenarioProcess, fd: number, command: number): void {
  process.scenario.call({
    type: "pwrite",
    pid: process.pid,
    fd,
    count: 2n,
    offset: COMMAND,
    data: Uint8Array.of(command, 1),
  });
}

/** Asks for a region, as user space does before it uses one; the device answers `length_bytes`. */
export function answerRegion(
  process: ScenarioProcess,
  fd: number,
  index: number,
  { flags, length_bytes }: { readonly flags: number; readonly length_bytes: bigint },
): void {
  const { pid, scenario } = process;
  const offset = BigInt(index) << 40n;
  const zero = { flags: 0, cap_offset: 0, size: 0n, offset: 0n };
  scenario.add({
    type: "ioctl",
    pid,
    fd,
    op: "VFIO_DEVICE_GET_REGION_INFO",
    in: { argsz: 32, index, ...zero },
    out: { flags, size: length_bytes, offset },
    ret: 0,
  });
}
