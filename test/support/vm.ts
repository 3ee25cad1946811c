/** VMs with a device, for stories about domains and DMA. */

import type { DeviceFacts } from "../../src/engine/event/index.js";
import {
  claimDomain,
  fetchSession,
  jump,
  MIB,
  NIC,
  NIC2,
  ONE_NIC,
  preserve,
  retrieveFiles,
  setup,
  TWO_NICS,
  type Vm,
} from "../../src/replay/scenario/blocks.js";
import {
  disableInterrupts,
  enableInterrupts,
  mapReadOnly as mapFileReadOnly,
  mapUser,
} from "../../src/replay/scenario/process-calls.js";
import type { Ending } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";
import { memfd } from "./calls.js";
import type { Story } from "./story.js";

export { MIB, NIC, NIC2, ONE_NIC, TWO_NICS };

/** A VMM with one device, attached to a page table that maps 1 MiB of a memfd at IOVA 0. */
export function startVm(t: Story) {
  const vmm = t.start("vmm");
  const iommufd = vmm.open("/dev/iommu");
  const cdev = vmm.open(`/dev/vfio/devices/${NIC.cdev}`);
  const device = vmm.bind(cdev, iommufd);
  const ioas = vmm.allocIoas(iommufd);
  const ram = memfd(vmm, "ram", 4n * MIB);
  vmm.mapFile(iommufd, { ioas, memfd: ram, iova: 0n, length_bytes: MIB });
  const hwpt = vmm.allocHwpt(iommufd, device, ioas);
  vmm.attach(cdev, hwpt);
  busMaster(t, true);
  return { vmm, iommufd, cdev, device, ioas, ram, hwpt };
}

export function busMaster(t: Story, enabled: boolean): void {
  t.add({ type: "bus_master", device: NIC.bdf, enabled });
}

/** The device moves one page. */
export function dma(
  t: Story,
  direction: "read" | "write",
  iova: bigint,
  observed: "ok" | "fault" | "partial" | "unknown" = "ok",
  length_bytes = 4096,
): void {
  t.add({ type: "dma", device: NIC.bdf, iova, length_bytes, direction, observed });
}

/** A DMA whose outcome the model would not predict. */
export function strangeDma(
  t: Story,
  ...what: [...Parameters<typeof dma>] extends [Story, ...infer R] ? R : never
): void {
  dma(t, ...what);
  t.contradicted.push(t.last_seq);
}

/** Maps 1 MiB of a file readable only. */
export function mapReadOnly(
  vmm: ScenarioProcess,
  iommufd: number,
  args: { readonly ioas: number; readonly memfd: number; readonly iova: bigint },
  ending?: Ending,
): void {
  mapFileReadOnly(vmm, iommufd, { ...args, length_bytes: MIB }, ending);
}

/** A VM of 4 MiB whose memory, page table and device are in a session. */
export function preservedVm(t: Story, device: DeviceFacts = NIC): Vm {
  const vm = setup(t, { memory_bytes: 4n * MIB, device });
  preserve(vm);
  return vm;
}

/** The same VM in the next kernel: its session is fetched, nothing is retrieved. */
export function vmAfterKexec(t: Story): Vm {
  const vm = preservedVm(t);
  jumpOver(vm);
  fetchSession(vm);
  return vm;
}

/** The machine jumps with the VM in a session. */
export function jumpOver(vm: Vm): void {
  vm.manager.close(vm.luo);
  jump(vm.scenario, vm.manager);
}

/** Memory, iommufd and device are retrieved and bound; gives the id of the restored HWPT. */
export function claimedVm(t: Story): { vm: Vm; restored: number } {
  const vm = vmAfterKexec(t);
  retrieveFiles(vm);
  return { vm, restored: claimDomain(vm) };
}

/** F_SEAL_SEAL, F_SEAL_SHRINK and F_SEAL_GROW. */
export const SIZE_SEALS = 0x7;

const ANONYMOUS_AT = 0x1000_0000n;

/** Maps 1 MiB of the process' own memory. */
export function mapAnonymous(
  vmm: ScenarioProcess,
  iommufd: number,
  ioas: number,
  iova: bigint,
): void {
  mapUser(vmm, iommufd, { ioas, address: ANONYMOUS_AT, iova, length_bytes: MIB });
}

const EVENTFD = 90;

/** Turns the MSI of the VM's device on, or off again. */
export function setInterrupts({ vmm, cdev }: Vm, on: boolean): void {
  if (on) enableInterrupts(vmm, cdev, EVENTFD);
  else disableInterrupts(vmm, cdev);
}

const REGION_READ_WRITE_MMAP = 7;
const FEATURE_GET_DMA_BUF = (1 << 16) | 11;
const BAR_BYTES = 0x1000;

/** A dma-buf of the first page of the device's BAR 0; gives its descriptor. */
export function exportBar({ scenario, vmm, cdev }: Vm): number {
  const { pid } = vmm;
  const call = { type: "ioctl", pid, fd: cdev } as const;
  const size = BigInt(BAR_BYTES);
  scenario.add({
    ...call,
    ...{ op: "VFIO_DEVICE_GET_REGION_INFO", in: { argsz: 32, index: 0 }, ret: 0 },
    out: { flags: REGION_READ_WRITE_MMAP, size },
  });
  // Region, open flags, flags, number of ranges; then one range: offset and length.
  const tail = words([0, 2, 0, 1, 0, 0, BAR_BYTES, 0]);
  const header = { argsz: 8 + tail.length, flags: FEATURE_GET_DMA_BUF };
  return Number(
    scenario.call({ ...call, op: "VFIO_DEVICE_FEATURE", in: header, tail }).outcome.ret,
  );
}

function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return bytes;
}
