/**
 * The building blocks of live-update stories: one VM with its memory, its device and its session,
 * from the set-up to the end of the update.
 */

import type { DeviceFacts, MachineFacts } from "../../engine/event/index.js";
import type { Scenario } from "./scenario.js";
import type { ScenarioProcess } from "./scenario-process.js";

export const MIB = 0x10_0000n;
const GIB = 1024n * MIB;

/** Tokens under which a VM's files go into its session. */
export const MEMORY_TOKEN = 1n;
export const IOMMUFD_TOKEN = 2n;
export const DEVICE_TOKEN = 3n;
/** Token under which its HWPT is marked. */
export const HWPT_TOKEN = 77;

/** A network card behind the IOMMU, alone in its group. */
export const NIC: DeviceFacts = {
  bdf: "0000:3b:00.0",
  group: 12,
  cdev: "vfio0",
  driver: "vfio-pci",
  resettable: true,
};

export const ONE_NIC: MachineFacts = { page_size: 4096, iommu: "intel", devices: [NIC] };

/** A second card, in a group of its own. */
export const NIC2: DeviceFacts = { ...NIC, bdf: "0000:3c:00.0", group: 13, cdev: "vfio1" };
export const TWO_NICS: MachineFacts = { ...ONE_NIC, devices: [NIC, NIC2] };

/** What a story is about: descriptors and ids of the kernel that runs now. */
export interface Vm {
  readonly scenario: Scenario;
  readonly device: DeviceFacts;
  readonly session_name: string;
  readonly memory_bytes: bigint;
  /** Opens /dev/liveupdate and holds a second reference to every session. */
  manager: ScenarioProcess;
  vmm: ScenarioProcess;
  /** The manager's descriptors. */
  luo: number;
  manager_session: number;
  /** The VMM's descriptors and ids. */
  session: number;
  memfd: number;
  iommufd: number;
  cdev: number;
  device_id: number;
  ioas: number;
  hwpt: number;
}

export interface VmOptions {
  readonly session_name?: string;
  readonly device?: DeviceFacts;
  readonly memory_bytes?: bigint;
  /** The HWPT is not marked for preservation, as under kernels that know no marks. */
  readonly unmarked?: true;
}

/** SETUP: a manager with a session, a VMM whose device translates through a marked HWPT. */
export function setup(scenario: Scenario, options: VmOptions = {}): Vm {
  const { session_name = "vm1", device = NIC, memory_bytes = GIB } = options;
  const manager = scenario.start("manager");
  const luo = manager.open("/dev/liveupdate");
  const manager_session = manager.createSession(luo, session_name);
  const vmm = manager.spawn("vmm");
  const session = manager.pass(manager_session, vmm);
  const memfd = vmm.sealedMemfd("ram", memory_bytes);
  const iommufd = vmm.open("/dev/iommu");
  const cdev = vmm.open(`/dev/vfio/devices/${device.cdev}`);
  const device_id = vmm.bind(cdev, iommufd);
  const ioas = vmm.allocIoas(iommufd);
  vmm.mapFile(iommufd, { ioas, memfd, iova: 0n, length_bytes: memory_bytes });
  const hwpt = vmm.allocHwpt(iommufd, device_id, ioas);
  vmm.attach(cdev, hwpt);
  scenario.add({ type: "bus_master", device: device.bdf, enabled: true });
  if (options.unmarked !== true) vmm.mark(iommufd, hwpt, BigInt(HWPT_TOKEN));
  const vm: Vm = {
    ...{ scenario, device, session_name, memory_bytes, manager, vmm, luo, manager_session },
    ...{ session, memfd, iommufd, cdev, device_id, ioas, hwpt },
  };
  dma(vm, 0x1000n);
  return vm;
}

/** PRES: memory, iommufd and device go into the session, in the order they depend on each other. */
export function preserve(vm: Vm): void {
  vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
  vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
  vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
}

/** KEXEC: the vCPUs pause, the machine jumps. All descriptors of the old kernel are gone. */
export function kexec(vm: Vm): void {
  const { scenario, manager } = vm;
  scenario.add({ type: "marker", what: "vcpus_paused" });
  manager.close(vm.luo);
  jump(scenario, manager);
}

/** The jump itself, by a process that calls reboot(2). */
export function jump(scenario: Scenario, process: ScenarioProcess): void {
  const { pid } = process;
  scenario.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
  scenario.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
  const boot = scenario.machine.epoch + 1;
  scenario.add({ type: "boot", kind: "kexec", boot, liveupdate: true, kho: true });
}

/** The first part of REST: a new manager fetches the session and starts a VMM that holds it too. */
export function fetchSession(vm: Vm): void {
  const { scenario } = vm;
  vm.manager = scenario.start("manager");
  vm.luo = vm.manager.open("/dev/liveupdate");
  vm.manager_session = vm.manager.retrieveSession(vm.luo, vm.session_name);
  vm.vmm = vm.manager.spawn("vmm");
  vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
}

/** A reaper takes the place of a VMM that died, with the manager's session. */
export function sendReaper(vm: Vm): void {
  vm.vmm = vm.manager.spawn("reaper");
  vm.session = vm.manager.pass(vm.manager_session, vm.vmm);
}

/** The files of the session come back. */
export function retrieveFiles(vm: Vm): void {
  vm.memfd = vm.vmm.retrieve(vm.session, MEMORY_TOKEN);
  vm.iommufd = vm.vmm.retrieve(vm.session, IOMMUFD_TOKEN);
  vm.cdev = vm.vmm.retrieve(vm.session, DEVICE_TOKEN);
}

/** SETUP, PRES and KEXEC. */
export function crossed(scenario: Scenario, options?: VmOptions): Vm {
  const vm = setup(scenario, options);
  preserve(vm);
  kexec(vm);
  return vm;
}

/** The same, and the session is fetched: nothing is retrieved from it yet. */
export function fetched(scenario: Scenario, options?: VmOptions): Vm {
  const vm = crossed(scenario, options);
  fetchSession(vm);
  return vm;
}

/** The same, and its files are retrieved. */
export function retrieved(scenario: Scenario, options?: VmOptions): Vm {
  const vm = fetched(scenario, options);
  retrieveFiles(vm);
  return vm;
}

/** The device goes to its iommufd; a VMM lets it run on where binding stopped it. */
export function bindDevice(vm: Vm): void {
  const { scenario, device } = vm;
  vm.device_id = vm.vmm.bind(vm.cdev, vm.iommufd);
  const running = scenario.machine.devices.find(device.bdf)?.bus_master;
  if (running !== true) scenario.add({ type: "bus_master", device: device.bdf, enabled: true });
}

/** The device goes to its iommufd, the restored domain becomes an HWPT; gives its id. */
export function claimDomain(vm: Vm): number {
  bindDevice(vm);
  return vm.vmm.restoreHwpt(vm.iommufd, HWPT_TOKEN);
}

/** A new HWPT with the same mappings, which pin the memory again, takes over from the restored. */
export function replaceDomain(vm: Vm): void {
  const { vmm, iommufd, memfd, memory_bytes } = vm;
  vm.ioas = vmm.allocIoas(iommufd);
  vmm.mapFile(iommufd, { ioas: vm.ioas, memfd, iova: 0n, length_bytes: memory_bytes });
  vm.hwpt = vmm.allocHwpt(iommufd, vm.device_id, vm.ioas);
  vmm.attach(vm.cdev, vm.hwpt);
}

/** REST: everything up to the replaced domain; gives the id of the restored HWPT. */
export function restore(vm: Vm): number {
  fetchSession(vm);
  retrieveFiles(vm);
  const restored = claimDomain(vm);
  replaceDomain(vm);
  return restored;
}

/** DONE: the restored handle goes, the session is finished, the vCPUs run again. */
export function done(vm: Vm, restored: number): void {
  vm.vmm.destroy(vm.iommufd, restored);
  finish(vm);
}

/** The end of an update whose restored handle is gone or does not matter. */
export function finish(vm: Vm): void {
  vm.vmm.finish(vm.session);
  vm.vmm.close(vm.session);
  vm.manager.close(vm.manager_session);
  vm.scenario.add({ type: "marker", what: "vcpus_resumed" });
}

/** The device writes one page, and the write lands. */
export function dma(vm: Vm, iova: bigint, observed: "ok" | "fault" = "ok"): void {
  const { bdf } = vm.device;
  const direction = "write";
  vm.scenario.add({ type: "dma", device: bdf, iova, length_bytes: 4096, direction, observed });
}

/** The trace ends because the story does, not because the recorder stopped. */
export function end(scenario: Scenario): void {
  scenario.add({ type: "marker", what: "clean_end" });
}
