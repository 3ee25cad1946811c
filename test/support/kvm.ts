/** KVM's part in stories: a VM, its guest_memfd, and what memory is for. */

import type { Ending } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";

export const MMAP = 1n;
export const INIT_SHARED = 2n;
const GUEST_BYTES = 0x10_0000n;

export function createKvmVm(p: ScenarioProcess, vm_type = 0): number {
  const kvm = p.open("/dev/kvm");
  const call = { type: "kvm_create_vm", pid: p.pid, fd: kvm, vm_type } as const;
  return Number(p.scenario.call(call).outcome.ret);
}

export function createGuestMemfd(p: ScenarioProcess, vm: number, flags = MMAP | INIT_SHARED) {
  const call = { type: "kvm_create_guest_memfd", pid: p.pid, fd: vm } as const;
  return Number(p.scenario.call({ ...call, size: GUEST_BYTES, flags }).outcome.ret);
}

/** A vCPU touches a page. */
export function touch(p: ScenarioProcess, fd: number, offset: bigint, ending?: Ending): void {
  p.scenario.call({ type: "guest_memfd_fault", pid: p.pid, fd, offset }, ending);
}

/** The trace says that a file is a guest's memory. */
export function guestMemory(p: ScenarioProcess, fd: number, vm: string, session?: string): void {
  const named = session === undefined ? {} : { session };
  p.scenario.add({ type: "guest_memory", pid: p.pid, fd, vm, ...named });
}
