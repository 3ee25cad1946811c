/** Turns that several scenarios take. */

import type { DeviceFacts, EventOf } from "../../../engine/event/index.js";
import {
  DEVICE_TOKEN,
  finish,
  IOMMUFD_TOKEN,
  jump,
  MEMORY_TOKEN,
  MIB,
  NIC2,
  type Vm,
} from "../blocks.js";
import type { Ending } from "../scenario.js";
import type { ScenarioProcess } from "../scenario-process.js";
import type { Tale } from "./plan.js";

export const SECOND_NS = 1_000_000_000;
/** Longer than a session or a handle may lie around. */
export const TEN_MINUTES_NS = 600 * SECOND_NS;

export const SECOND_DEVICE_TOKEN = 4n;

/** How findings name the session of the VM. */
export const VM1 = 'session "vm1"';
/** How findings name the restored domain of the VM. */
export const DOMAIN1 = 'restored domain 0x4d of session "vm1"';

/** Gives the device another piece of DMA that the model would not predict. */
export function strangeDma(
  vm: Vm,
  iova: bigint,
  observed: "ok" | "fault",
  direction: "read" | "write" = "write",
): void {
  const device = vm.device.bdf;
  (vm.scenario as Tale).contradict({
    ...{ type: "dma", device, iova, length_bytes: 4096, direction, observed },
  });
}

/** A second device of the VM. */
export interface SecondDevice {
  readonly device: DeviceFacts;
  cdev: number;
  device_id: number;
}

/** Opens, binds and attaches a second device. */
export function addDevice(vm: Vm, pt_id: number, device = NIC2): SecondDevice {
  const { vmm, scenario } = vm;
  const cdev = vmm.open(`/dev/vfio/devices/${device.cdev}`);
  const device_id = vmm.bind(cdev, vm.iommufd);
  vmm.attach(cdev, pt_id);
  scenario.add({ type: "bus_master", device: device.bdf, enabled: true });
  const second = { device, cdev, device_id };
  dmaBy(vm, device, 0x8000n);
  return second;
}

/** The second device comes back, and goes to the iommufd. */
export function bindAgain(vm: Vm, second: SecondDevice, token = SECOND_DEVICE_TOKEN): void {
  second.cdev = vm.vmm.retrieve(vm.session, token);
  second.device_id = vm.vmm.bind(second.cdev, vm.iommufd);
  run(vm, second.device);
}

/** Lets a device go on where binding stopped it. */
export function run(vm: Vm, device: DeviceFacts): void {
  const { scenario } = vm;
  if (scenario.machine.devices.find(device.bdf)?.bus_master === true) return;
  scenario.add({ type: "bus_master", device: device.bdf, enabled: true });
}

/** One page written by any device. */
export function dmaBy(vm: Vm, device: DeviceFacts, iova: bigint, observed: Seen = "ok"): void {
  const what = { iova, length_bytes: 4096, direction: "write", observed } as const;
  vm.scenario.add({ type: "dma", device: device.bdf, ...what });
}

type Seen = "ok" | "fault";

/** Nobody can be saved any more: the node is power cycled. */
export function coldBoot(tale: Tale): void {
  bootKind(tale, "cold");
}

export function bootKind(tale: Tale, kind: "cold" | "crash"): void {
  const boot = tale.machine.epoch + 1;
  tale.add({ type: "boot", kind, boot, liveupdate: true, kho: true });
}

/** The device is silenced before anybody lets it go. */
export function silence({ scenario, device }: Vm): void {
  scenario.add({ type: "device_reset", device: device.bdf });
  scenario.add({ type: "bus_master", device: device.bdf, enabled: false });
}

/** A reaper lets go of all it holds, finishes the session; a kernel driver gets the device. */
export function reap(vm: Vm): void {
  const { vmm, scenario, device } = vm;
  silence(vm);
  vmm.detach(vm.cdev);
  vmm.close(vm.cdev);
  vmm.close(vm.iommufd);
  vmm.close(vm.memfd);
  finish(vm);
  scenario.add({ type: "driver_unbind", device: device.bdf, driver: "vfio-pci", ret: 0 });
  scenario.call({ type: "driver_bind", device: device.bdf, driver: "ice" });
}

/** A manager with a session that has one sealed memfd, for stories without devices. */
export interface Ram {
  manager: ScenarioProcess;
  luo: number;
  session: number;
  memfd: number;
}

export function ramSession(tale: Tale, name = "vm1"): Ram {
  const manager = tale.start("manager");
  const luo = manager.open("/dev/liveupdate");
  const session = manager.createSession(luo, name);
  const memfd = manager.sealedMemfd("ram", 2n * MIB);
  manager.preserve(session, memfd, MEMORY_TOKEN);
  return { manager, luo, session, memfd };
}

/** The kexec of a story without devices, and a new manager with the session. */
export function crossRam(ram: Ram, tale: Tale, name = "vm1"): void {
  ram.manager.close(ram.luo);
  jump(tale, ram.manager);
  ram.manager = tale.start("manager");
  ram.luo = ram.manager.open("/dev/liveupdate");
  ram.session = ram.manager.retrieveSession(ram.luo, name);
}

/** The image is loaded and the machine jumps, into a kernel with these facts. */
export function jumpWith(
  tale: Tale,
  process: ScenarioProcess,
  facts: Partial<EventOf<"boot">>,
  how: "kexec_file_load" | "kexec_load" = "kexec_file_load",
): void {
  const { pid } = process;
  tale.add({ type: "kexec_load", pid, how, ret: 0 });
  tale.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
  const boot = tale.machine.epoch + 1;
  tale.add({ type: "boot", kind: "kexec", boot, liveupdate: true, kho: true, ...facts });
}

/** Seq of the newest reboot of the story. */
export function rebootSeq(tale: Tale): number {
  return tale.events.findLast(({ type }) => type === "reboot")?.seq ?? tale.last_seq;
}

/** Preserves the iommufd without its memory, and the device. */
export function preserveWithoutMemory(vm: Vm, ending?: Ending): void {
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN, ending);
  vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
}

/** Preserves all but the device. */
export function preserveWithoutDevice(vm: Vm): void {
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
}

/** The update is called off. */
export function cancel(vm: Vm): void {
  vm.scenario.add({ type: "marker", what: "cancel" });
  vm.vmm.close(vm.session);
  vm.manager.close(vm.manager_session);
}
