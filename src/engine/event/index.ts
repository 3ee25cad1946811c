/** The events of the trace format: schemas by type, and the types the engine sees. */

import type * as z from "zod";
import type { IoctlEvent } from "./ioctl.js";
import * as kvm from "./kvm.js";
import * as machine from "./machine.js";
import * as memory from "./memory.js";
import * as life from "./process.js";

export type { IoctlEvent, NestedBuffer } from "./ioctl.js";
export { IOCTL_SCHEMAS } from "./ioctl.js";

/** Every event schema except ioctl, which is chosen by `op` from IOCTL_SCHEMAS. */
export const EVENT_SCHEMAS = {
  process_start: life.processStart,
  fork: life.fork,
  child: life.child,
  exec: life.exec,
  exit: life.exit,
  wait: life.wait,
  kill: life.kill,
  setrlimit: life.setrlimit,
  capset: life.capset,
  open: life.open,
  close: life.close,
  dup: life.dup,
  send_fds: life.sendFds,
  receive_fds: life.receiveFds,
  new_fds: life.newFds,
  snapshot_fd: life.snapshotFd,
  note: life.note,
  memfd_create: memory.memfdCreate,
  ftruncate: memory.ftruncate,
  fallocate: memory.fallocate,
  lseek: memory.lseek,
  read: memory.transfer,
  write: memory.transfer,
  pread: memory.transfer,
  pwrite: memory.transfer,
  fcntl: memory.fcntl,
  mmap: memory.mmap,
  munmap: memory.munmap,
  mremap: memory.mremap,
  mprotect: memory.mprotect,
  madvise: memory.madvise,
  cpu_write: memory.cpuWrite,
  memory_content: memory.memoryContent,
  memfd_state: memory.memfdState,
  unlink: memory.unlink,
  buffers: memory.buffers,
  kvm_create_vm: kvm.kvmCreateVm,
  kvm_create_guest_memfd: kvm.kvmCreateGuestMemfd,
  guest_memfd_fault: kvm.guestMemfdFault,
  guest_memory: kvm.guestMemory,
  lost_events: memory.lostEvents,
  kexec_load: machine.kexecLoad,
  reboot: machine.reboot,
  boot: machine.boot,
  machine: machine.machine,
  driver_bind: machine.driver,
  driver_unbind: machine.driver,
  device_reset: machine.deviceReset,
  bus_master: machine.busMaster,
  mmio: machine.mmio,
  dma: machine.dma,
  iommu_translation: machine.iommuTranslation,
  iommu_tracepoint: machine.iommuTracepoint,
  marker: machine.marker,
} as const;

export type EventOf<T extends keyof typeof EVENT_SCHEMAS> = z.output<(typeof EVENT_SCHEMAS)[T]>;

export type DeviceFacts = z.output<typeof machine.device>;
export type MachineFacts = z.output<typeof machine.machineFacts>;

/** Any event but an ioctl. */
export type PlainEvent = EventOf<keyof typeof EVENT_SCHEMAS>;

/** One event of a trace, decoded: u64 as bigint, bytes as Uint8Array. */
export type Event = PlainEvent | IoctlEvent;
export type EventType = Event["type"];
