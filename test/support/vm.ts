/** VMs with a device, for stories about domains and DMA. */

import type { DeviceFacts, MachineFacts } from "../../src/engine/event/index.js";
import {
  claimDomain,
  fetchSession,
  jump,
  NIC,
  ONE_NIC,
  preserve,
  retrieveFiles,
  setup,
  type Vm,
} from "../../src/replay/scenario/blocks.js";
import type { Ending } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";
import { memfd } from "./calls.js";
import type { Story } from "./story.js";

export { NIC, ONE_NIC };

/** A second card, in a group of its own. */
export const NIC2: DeviceFacts = { ...NIC, bdf: "0000:3c:00.0", group: 13, cdev: "vfio1" };
export const TWO_NICS: MachineFacts = { ...ONE_NIC, devices: [NIC, NIC2] };

export const MIB = 0x10_0000n;
const READABLE_FIXED = 0x5;

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

/** Maps a file readable only. */
export function mapReadOnly(
  vmm: ScenarioProcess,
  iommufd: number,
  args: { readonly ioas: number; readonly memfd: number; readonly iova: bigint },
  ending?: Ending,
): void {
  const { ioas, memfd: fd, iova } = args;
  const flags = READABLE_FIXED;
  const mapping = { flags, ioas_id: ioas, fd, start: 0n, length: MIB, iova };
  vmm.ioctl(iommufd, "IOMMU_IOAS_MAP_FILE", mapping, ending);
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
