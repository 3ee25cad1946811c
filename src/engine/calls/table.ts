/** What each event type does to the machine. One file per kind of call; this table lists them. */

import type { Outcome } from "../call/outcome.js";
import type { Event, EventType } from "../event/index.js";
import type { Machine } from "../machine.js";
import { close } from "./close.js";
import { dup } from "./dup.js";
import { exec, processStart } from "./exec.js";
import { exit, kill, wait } from "./exit.js";
import { child, fork } from "./fork.js";
import { ioctl } from "./ioctl.js";
import { capset, setrlimit } from "./limits.js";
import { newFds } from "./new-fds.js";
import { open } from "./open.js";
import { receiveFds, sendFds } from "./pass-fds.js";

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
  snapshot_fd: observe,
  note: observe,
  memfd_create: observe,
  ftruncate: observe,
  fallocate: observe,
  lseek: observe,
  read: observe,
  write: observe,
  pread: observe,
  pwrite: observe,
  fcntl: observe,
  mmap: observe,
  munmap: observe,
  mremap: observe,
  mprotect: observe,
  madvise: observe,
  cpu_write: observe,
  memory_content: observe,
  memfd_state: observe,
  unlink: observe,
  buffers: observe,
  lost_events: observe,
  kexec_load: observe,
  reboot: observe,
  boot: observe,
  machine: observe,
  driver_bind: observe,
  driver_unbind: observe,
  device_reset: observe,
  bus_master: observe,
  mmio: observe,
  dma: observe,
  iommu_translation: observe,
  marker: observe,
  ioctl,
};
