/** What each event type does to the machine. One file per kind of call; this table lists them. */

import type { Outcome } from "../call/outcome.js";
import type { Event, EventType } from "../event/index.js";
import type { Machine } from "../machine.js";
import { boot } from "./boot.js";
import { busMaster } from "./bus-master.js";
import { close } from "./close.js";
import { cpuWrite } from "./cpu-write.js";
import { deviceReset } from "./device-reset.js";
import { dma } from "./dma.js";
import { driverBind, driverUnbind } from "./driver.js";
import { dup } from "./dup.js";
import { exec, processStart } from "./exec.js";
import { exit, kill, wait } from "./exit.js";
import { fallocate } from "./fallocate.js";
import { fcntl } from "./fcntl.js";
import { child, fork } from "./fork.js";
import { ftruncate } from "./ftruncate.js";
import { ioctl } from "./ioctl.js";
import { iommuTranslation } from "./iommu-translation.js";
import { kexecLoad, reboot } from "./kexec.js";
import { guestMemfdFault, kvmCreateGuestMemfd, kvmCreateVm } from "./kvm.js";
import { capset, setrlimit } from "./limits.js";
import { lseek } from "./lseek.js";
import { machineFacts } from "./machine-facts.js";
import { madvise } from "./madvise.js";
import { memfdCreate } from "./memfd-create.js";
import { memfdState } from "./memfd-state.js";
import { memoryContent } from "./memory-content.js";
import { mmap } from "./mmap.js";
import { mmio } from "./mmio.js";
import { mprotect } from "./mprotect.js";
import { mremap } from "./mremap.js";
import { munmap } from "./munmap.js";
import { newFds } from "./new-fds.js";
import { open } from "./open.js";
import { receiveFds, sendFds } from "./pass-fds.js";
import { read } from "./read.js";
import { snapshotFd } from "./snapshot-fd.js";
import { unlink } from "./unlink.js";
import { write } from "./write.js";

export type Handler<T extends EventType> = (
  machine: Machine,
  event: Extract<Event, { type: T }>,
) => Outcome;

const observe = (machine: Machine, event: Event): Outcome => machine.observe(event);

export const EVENT_HANDLERS: { readonly [T in EventType]: Handler<T> } = {
  process_start: processStart,
  fork,
  child,
  exec,
  exit,
  wait,
  kill,
  setrlimit,
  capset,
  open,
  close,
  dup,
  send_fds: sendFds,
  receive_fds: receiveFds,
  new_fds: newFds,
  snapshot_fd: snapshotFd,
  note: observe,
  memfd_create: memfdCreate,
  ftruncate,
  fallocate,
  lseek,
  read,
  write,
  pread: read,
  pwrite: write,
  fcntl,
  mmap,
  munmap,
  mremap,
  mprotect,
  madvise,
  cpu_write: cpuWrite,
  memory_content: memoryContent,
  memfd_state: memfdState,
  unlink,
  buffers: observe,
  kvm_create_vm: kvmCreateVm,
  kvm_create_guest_memfd: kvmCreateGuestMemfd,
  guest_memfd_fault: guestMemfdFault,
  guest_memory: observe,
  lost_events: observe,
  kexec_load: kexecLoad,
  reboot,
  boot,
  machine: machineFacts,
  driver_bind: driverBind,
  driver_unbind: driverUnbind,
  device_reset: deviceReset,
  bus_master: busMaster,
  mmio,
  dma,
  iommu_translation: iommuTranslation,
  iommu_tracepoint: observe,
  marker: observe,
  ioctl,
};
