/** Turns that several scenarios take. */

import type { DeviceFacts, EventOf } from "../../../engine/event/index.js";
import {
  DEVICE_TOKEN,
  done,
  finish,
  HWPT_TOKEN,
  IOMMUFD_TOKEN,
  jump,
  MEMORY_TOKEN,
  MIB,
  NIC2,
  restore,
  setup,
  type Vm,
} from "../blocks.js";
import { allocNested, allocNestParent } from "../process-calls.js";
import type { Ending } from "../scenario.js";
import type { ScenarioProcess } from "../scenario-process.js";
import { DOMAIN1, VM1_ARRIVED } from "./names.js";
import type { Tale } from "./plan.js";

export const SECOND_NS = 1_000_000_000;
/** Longer than a session or a handle may lie around. */
export const TEN_MINUTES_NS = 600 * SECOND_NS;

export const SECOND_DEVICE_TOKEN = 4n;

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

/** The update ends as well as the design lets it: phase 1 can only reboot. */
export function goOn(tale: Tale, vm: Vm): void {
  if (tale.machine.profile.restore.hwpt_creation === "never") coldBoot(tale);
  else done(vm, restore(vm));
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
  const { vmm } = vm;
  silence(vm);
  vmm.detach(vm.cdev);
  vmm.close(vm.cdev);
  vmm.close(vm.iommufd);
  vmm.close(vm.memfd);
  finish(vm);
  giveToKernel(vm);
}

/** A kernel driver gets the device, which nobody holds any more. */
export function giveToKernel({ scenario, device }: Vm): void {
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

/** Id that the kernel gives to the parent of the guest's own page table. */
const NEST_PARENT_ID = 4;

/** A VM whose guest has a page table of its own. */
export interface NestedVm extends Vm {
  readonly nested: number;
}

/**
 * SETUP on a machine with nested translation: the guest has a page table of its own, on top of the
 * VM's, and its device uses it.
 */
export function setupNested(tale: Tale): NestedVm {
  const vm = setup(tale);
  const { vmm, iommufd, cdev, device_id: dev_id, ioas, hwpt: plain } = vm;
  const parent = NEST_PARENT_ID;
  allocNestParent(vmm, iommufd, { dev_id, ioas, id: parent });
  vmm.attach(cdev, parent);
  vmm.destroy(iommufd, plain);
  vmm.mark(iommufd, parent, BigInt(HWPT_TOKEN));
  const nested = allocNested(vmm, iommufd, { dev_id, parent });
  vmm.attach(cdev, nested);
  return { ...vm, hwpt: parent, nested };
}

/** FINISH just now left the handle of the restored domain: a kernel that counts would wait. */
export function handleIsLeft(tale: Tale): void {
  if (tale.profile !== "seed") return;
  tale.finds("ses-finish-before-replace", "info", VM1_ARRIVED, DOMAIN1);
}

/** The update is called off. */
export function cancel(vm: Vm): void {
  vm.scenario.add({ type: "marker", what: "cancel" });
  vm.vmm.close(vm.session);
  vm.manager.close(vm.manager_session);
}
