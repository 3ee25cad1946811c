/** VMs on the eve of a live update, and after it. */

import type { MachineFacts } from "../../../src/engine/event/index.js";
import { IommufdContext } from "../../../src/engine/iommufd/context.js";
import type { ProfileId } from "../../../src/engine/profile/index.js";
import type { Transition, TransitionKind, TransitionOf } from "../../../src/engine/transition.js";
import type { PciDevice } from "../../../src/engine/vfio/pci-device.js";
import {
  fetched,
  MIB,
  NIC,
  ONE_NIC,
  preserve,
  retrieved as retrievedVm,
  setup,
  type Vm,
  type VmOptions,
} from "../../../src/replay/scenario/blocks.js";
import { Scenario } from "../../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../../src/replay/scenario/scenario-process.js";

export { MIB };

/** A second card: in the same group as the first one, or in its own. */
export const SIBLING = { ...NIC, bdf: "0000:3b:00.1", cdev: "vfio1" };
export const OTHER = { ...NIC, bdf: "0000:3c:00.0", cdev: "vfio2", group: 13 };
export const THREE_CARDS: MachineFacts = { ...ONE_NIC, devices: [NIC, SIBLING, OTHER] };

const SMALL: VmOptions = { memory_bytes: 4n * MIB };

function machineOf(profile: ProfileId, machine: MachineFacts = THREE_CARDS): Scenario {
  return new Scenario({ profile, title: "test", machine });
}

export function started(profile: ProfileId, machine?: MachineFacts): Vm {
  return setup(machineOf(profile, machine), SMALL);
}

/** Everything is in the session. */
export function preserved(profile: ProfileId): Vm {
  const vm = started(profile);
  preserve(vm);
  return vm;
}

/** The next kernel runs; a VMM has the session. */
export function arrived(profile: ProfileId): Vm {
  return fetched(machineOf(profile), SMALL);
}

/** The VMM has all files, the device is not bound. */
export function retrieved(profile: ProfileId): Vm {
  return retrievedVm(machineOf(profile), SMALL);
}

export function deviceOf(vm: Vm, bdf = vm.device.bdf): PciDevice {
  const device = vm.scenario.machine.devices.find(bdf);
  if (device === undefined) throw new Error(`no device ${bdf}`);
  return device;
}

export function contextOf(vm: Vm, fd = vm.iommufd): IommufdContext {
  const file = vm.scenario.machine.process(vm.vmm.pid).fds.get(fd);
  if (!(file?.object instanceof IommufdContext)) throw new Error(`descriptor ${fd} is no iommufd`);
  return file.object;
}

/** The only restored domain of the running kernel. */
export function domainOf(vm: Vm) {
  const [domain, another] = vm.scenario.machine.restoredDomains;
  if (domain === undefined || another !== undefined) throw new Error("not one restored domain");
  return domain;
}

/** Opens and binds one more card of the machine. */
export function addCard(vm: Vm, cdev: string | undefined): { cdev: number; id: number } {
  const fd = vm.vmm.open(`/dev/vfio/devices/${cdev}`);
  return { cdev: fd, id: vm.vmm.bind(fd, vm.iommufd) };
}

/** The first transition of a kind. */
export function found<K extends TransitionKind>(
  transitions: readonly Transition[],
  kind: K,
): TransitionOf<K> | undefined {
  return transitions.find((transition) => transition.kind === kind) as TransitionOf<K> | undefined;
}

/** All transitions of an action, over its events. */
export function during(vm: { readonly scenario: Scenario }, act: () => void): Transition[] {
  const { machine } = vm.scenario;
  const seen: Transition[] = [];
  const emit = machine.emit;
  machine.emit = (transition) => {
    seen.push(transition);
    emit.call(machine, transition);
  };
  act();
  machine.emit = emit;
  return seen;
}

/** Another session, made by the VMM itself. */
export function newSession(process: ScenarioProcess, luo: number, name: string): number {
  return process.createSession(luo, name);
}
