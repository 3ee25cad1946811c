/** Calls of a process that only a few scenarios need. */

import type { Ending } from "./scenario.js";
import type { ScenarioProcess } from "./scenario-process.js";

const MFD_ALLOW_SEALING = 2;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_READABLE = 0x4;
const MAP_WRITEABLE = 0x2;
const MAP_FIXED = 0x1;
const MSI_INDEX = 1;
const IRQ_EVENTFD_TRIGGER = 0x24;
const IRQ_NONE_TRIGGER = 0x21;
const HWPT_NEST_PARENT = 1;
const HWPT_DATA_VTD_S1 = 1;
const VTD_S1_BYTES = 24;
/** Where the VMM keeps that struct, and what it says: the guest's table and its width. */
const VTD_S1_AT = 0x7ffd_11c3_d170n;
const PGTBL_ADDR_OFFSET = 8;
const ADDR_WIDTH_OFFSET = 16;
const GUEST_TABLE_AT = 0x10_0000n;
const GUEST_ADDRESS_BITS = 48;
const ATTACH_PASID = 1;
const GUEST_MEMFD_MMAP = 1n;
const GUEST_MEMFD_INIT_SHARED = 2n;

export const F_SEAL_SHRINK = 2;

/** A memfd that has no seals yet and can get them. */
export function memfd(p: ScenarioProcess, name: string, length_bytes: bigint): number {
  const { pid, scenario } = p;
  const created = { type: "memfd_create", pid, name, flags: MFD_ALLOW_SEALING } as const;
  const fd = Number(scenario.call(created).outcome.ret);
  ftruncate(p, fd, length_bytes);
  return fd;
}

export function ftruncate(p: ScenarioProcess, fd: number, length: bigint, ending?: Ending): void {
  p.scenario.call({ type: "ftruncate", pid: p.pid, fd, length }, ending);
}

export function addSeals(p: ScenarioProcess, fd: number, seals: number, ending?: Ending): void {
  p.scenario.call({ type: "fcntl", pid: p.pid, fd, cmd: "F_ADD_SEALS", arg: seals }, ending);
}

/** The seals of a memfd, as the call tells them. */
export function getSeals(p: ScenarioProcess, fd: number): void {
  p.scenario.call({ type: "fcntl", pid: p.pid, fd, cmd: "F_GET_SEALS", arg: 0 });
}

/** Maps a file into the process; the kernel chose the address. */
export function mmap(p: ScenarioProcess, fd: number, length: bigint, address: bigint): void {
  const place = { addr: 0n, length, prot: PROT_READ_WRITE, flags: MAP_SHARED, fd, offset: 0n };
  p.scenario.add({ type: "mmap", pid: p.pid, ...place, address });
}

/** Anonymous memory of the process. */
export function mmapAnonymous(p: ScenarioProcess, length: bigint, address: bigint): void {
  const place = { addr: 0n, length, prot: PROT_READ_WRITE, flags: 0x22, fd: -1, offset: 0n };
  p.scenario.add({ type: "mmap", pid: p.pid, ...place, address });
}

/** The CPU stores bytes into a memfd, through a mapping of it. */
export function store(p: ScenarioProcess, fd: number, offset: bigint, data: Uint8Array): void {
  const length_bytes = data.length;
  p.scenario.add({ type: "cpu_write", pid: p.pid, fd, offset, length_bytes, data });
}

/** What a memfd holds is found to be this. */
export function content(p: ScenarioProcess, fd: number, offset: bigint, data: Uint8Array): void {
  const length_bytes = data.length;
  p.scenario.add({ type: "memory_content", pid: p.pid, fd, offset, length_bytes, data });
}

/** Maps memory of the process for devices, by its address. */
export function mapUser(
  p: ScenarioProcess,
  iommufd: number,
  place: { readonly ioas: number; readonly address: bigint } & Range,
): void {
  const { ioas: ioas_id, address: user_va, iova, length_bytes: length } = place;
  const flags = MAP_FIXED | MAP_WRITEABLE | MAP_READABLE;
  p.ioctl(iommufd, "IOMMU_IOAS_MAP", { flags, ioas_id, user_va, length, iova });
}

interface Range {
  readonly iova: bigint;
  readonly length_bytes: bigint;
}

/** Maps a file readable only. */
export function mapReadOnly(
  p: ScenarioProcess,
  iommufd: number,
  place: { readonly ioas: number; readonly memfd: number } & Range,
  ending?: Ending,
): void {
  const { ioas: ioas_id, memfd: fd, iova, length_bytes: length } = place;
  const args = { flags: MAP_FIXED | MAP_READABLE, ioas_id, fd, start: 0n, length, iova };
  p.ioctl(iommufd, "IOMMU_IOAS_MAP_FILE", args, ending);
}

/** Copies a mapping of one IOAS into another one. */
export function copyMapping(
  p: ScenarioProcess,
  iommufd: number,
  place: { readonly from: number; readonly to: number } & Range,
): void {
  const { from: src_ioas_id, to: dst_ioas_id, iova, length_bytes: length } = place;
  const flags = MAP_FIXED | MAP_WRITEABLE | MAP_READABLE;
  const [dst_iova, src_iova] = [iova, iova];
  const args = { flags, dst_ioas_id, src_ioas_id, length, dst_iova, src_iova };
  p.ioctl(iommufd, "IOMMU_IOAS_COPY", args);
}

/**
 * A page table that may become the parent of a guest's own ones: the kernel of a machine with
 * nested translation makes it, and gives it this id.
 */
export function allocNestParent(
  p: ScenarioProcess,
  iommufd: number,
  place: { readonly dev_id: number; readonly ioas: number; readonly id: number },
): void {
  const { dev_id, ioas: pt_id, id: out_hwpt_id } = place;
  const call = { type: "ioctl", op: "IOMMU_HWPT_ALLOC", pid: p.pid, fd: iommufd } as const;
  const args = { flags: HWPT_NEST_PARENT, dev_id, pt_id };
  p.scenario.add({ ...call, in: args, ret: 0, out: { out_hwpt_id } });
}

/** A guest's own page table, on top of a nest parent; gives its id. */
export function allocNested(
  p: ScenarioProcess,
  iommufd: number,
  place: { readonly dev_id: number; readonly parent: number },
): number {
  const { dev_id, parent: pt_id } = place;
  const data = { data_type: HWPT_DATA_VTD_S1, data_len: VTD_S1_BYTES, data_uptr: VTD_S1_AT };
  const length_bytes = BigInt(VTD_S1_BYTES);
  const bytes = new Uint8Array(VTD_S1_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(PGTBL_ADDR_OFFSET, GUEST_TABLE_AT, true);
  view.setUint32(ADDR_WIDTH_OFFSET, GUEST_ADDRESS_BITS, true);
  const call = { type: "ioctl", op: "IOMMU_HWPT_ALLOC", pid: p.pid, fd: iommufd } as const;
  const step = p.scenario.call({
    ...{ ...call, in: { dev_id, pt_id, ...data } },
    mem: { field: "data_uptr", addr: VTD_S1_AT, length_bytes, in: bytes, out: bytes },
  });
  return Number(step.outcome.out["out_hwpt_id"]);
}

/** Attaches one of the device's PASIDs to a page table. */
export function attachPasid(
  p: ScenarioProcess,
  cdev: number,
  place: { readonly pt_id: number; readonly pasid: number },
  ending?: Ending,
): void {
  const args = { argsz: 16, flags: ATTACH_PASID, ...place };
  p.ioctl(cdev, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", args, ending);
}

export function detachPasid(
  p: ScenarioProcess,
  cdev: number,
  pasid: number,
  ending?: Ending,
): void {
  const args = { argsz: 12, flags: ATTACH_PASID, pasid };
  p.ioctl(cdev, "VFIO_DEVICE_DETACH_IOMMUFD_PT", args, ending);
}

/** Turns the device's MSI on, to an eventfd. */
export function enableInterrupts(p: ScenarioProcess, cdev: number, eventfd: number): void {
  const { pid, scenario } = p;
  scenario.add({ type: "new_fds", pid, what: "eventfd", fds: [eventfd], ret: eventfd });
  const data = new Uint8Array(4);
  new DataView(data.buffer).setInt32(0, eventfd, true);
  const header = { argsz: 24, flags: IRQ_EVENTFD_TRIGGER, index: MSI_INDEX, start: 0, count: 1 };
  scenario.call({
    ...{ type: "ioctl", pid, fd: cdev, op: "VFIO_DEVICE_SET_IRQS" },
    ...{ in: header, tail: data },
  });
}

/** Turns the device's MSI off. */
export function disableInterrupts(p: ScenarioProcess, cdev: number): void {
  const header = { argsz: 20, flags: IRQ_NONE_TRIGGER, index: MSI_INDEX, start: 0, count: 0 };
  p.ioctl(cdev, "VFIO_DEVICE_SET_IRQS", header);
}

/** A KVM VM, on /dev/kvm. */
export function createKvmVm(p: ScenarioProcess): number {
  const fd = p.open("/dev/kvm");
  return Number(p.scenario.call({ type: "kvm_create_vm", pid: p.pid, fd }).outcome.ret);
}

/** Guest memory of a kind that can be preserved: mapped by the VMM and shared with it. */
export function createGuestMemfd(p: ScenarioProcess, vm: number, size: bigint): number {
  const created = { type: "kvm_create_guest_memfd", pid: p.pid, fd: vm } as const;
  const flags = GUEST_MEMFD_MMAP | GUEST_MEMFD_INIT_SHARED;
  return Number(p.scenario.call({ ...created, size, flags }).outcome.ret);
}

/** The guest touches a page of its guest_memfd. */
export function touch(p: ScenarioProcess, fd: number, offset: bigint, ending?: Ending): void {
  p.scenario.call({ type: "guest_memfd_fault", pid: p.pid, fd, offset }, ending);
}

/** Says that a file is the memory of a VM: no call tells what memory is for. */
export function guestMemory(p: ScenarioProcess, fd: number, vm: string): void {
  p.scenario.add({ type: "guest_memory", pid: p.pid, fd, vm });
}
