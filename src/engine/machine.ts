import { Call } from "./call/call.js";
import type { Outcome } from "./call/outcome.js";
import { EVENT_HANDLERS } from "./calls/table.js";
import type { Event } from "./event/index.js";
import { type FileObject, OtherFile } from "./file/file-object.js";
import { OpenFile } from "./file/open-file.js";
import { LockedPages } from "./iommufd/backing-account.js";
import { PinRegistry } from "./iommufd/pins.js";
import { UnsettledAreas } from "./iommufd/unsettled-areas.js";
import { DEFAULT_KERNEL_CONFIG, type KernelConfig } from "./kernel-config.js";
import { Lineages } from "./lineage.js";
import { LiveUpdate } from "./liveupdate/live-update.js";
import type { RestoredDomain } from "./liveupdate/restored-domain.js";
import { AddressSpace } from "./memory/address-space.js";
import type { Memfd } from "./memory/memfd.js";
import { Process, type ProcessRole } from "./process/process.js";
import type { Profile } from "./profile/index.js";
import type { Transition } from "./transition.js";
import { DeviceInventory } from "./vfio/device-inventory.js";

/** What one event did. `transitions` is reused: it is valid until the next `apply`. */
export interface Step {
  readonly event: Event;
  readonly outcome: Outcome;
  readonly transitions: readonly Transition[];
}

const STANDARD_FDS = ["standard input", "standard output", "standard error"];

/**
 * The emulated machine: every kernel of a trace, one after the other. `apply` is the only way in.
 * No I/O, no clock, no randomness: the same events give the same state on every computer.
 */
export class Machine {
  /** Number of the running kernel, from 1. */
  epoch = 1;
  /** Seq of the event being applied. */
  seq = 0;
  readonly processes = new Map<number, Process>();
  /** What the processes of the trace's first kernel are for, by pid, where its header says so. */
  knownRoles: ReadonlyMap<number, ProcessRole> = new Map();
  /** Page size in bytes. */
  page_size = 4096n;
  /** The same as a number. */
  page_bytes = 4096;
  /** Areas whose pages are pinned, but were not looked for yet. */
  readonly unsettled = new UnsettledAreas();
  /** Pages that iommufd contexts hold, and who is charged for them. */
  pins = new PinRegistry(this.unsettled);
  locked = new LockedPages();
  /** Which thing an object is, across kernels. */
  readonly lineages = new Lineages();
  /** LUO of the running kernel. */
  liveUpdate = new LiveUpdate();
  /** Domains that the running kernel got from the one before. */
  restoredDomains: RestoredDomain[] = [];
  /** A kexec resets preserved devices and stops their DMA. */
  freeze_stops_device: boolean;
  /** PCI devices that VFIO serves, and the IOMMU in front of them. */
  readonly devices = new DeviceInventory(this);
  /** Files on tmpfs that have a name, by path. */
  readonly tmpfs = new Map<string, Memfd>();
  /** Open files the trace started with, by the number it gives them. */
  readonly snapshotFiles = new Map<number, OpenFile>();
  /** Build options of the kernel. */
  config: KernelConfig = DEFAULT_KERNEL_CONFIG;
  /** RAM in bytes, where the trace tells. */
  memory_bytes = 1n << 63n;
  /** The trace shows every store that the CPU does through a mapping of a file. */
  cpu_stores_recorded = false;
  /**
   * The trace has shown an lseek. Recorders exist that miss them all; until one is seen, nobody
   * knows where a file that was read or written stands.
   */
  seeks_recorded = false;
  private serial = 0;
  private transitions: Transition[] = [];
  /** Files whose release is under way, in order; empty otherwise. */
  private released: OpenFile[] = [];
  /** Stands in for the process of events that no process makes. */
  readonly nobody: Process;

  constructor(readonly profile: Profile) {
    this.freeze_stops_device = profile.boot.freeze_stops_device;
    this.nobody = new Process(0, undefined, this.newAddressSpace(), 0);
  }

  /** Applies one event and says what it did. */
  apply(event: Event): Step {
    this.seq = event.seq;
    this.transitions = [];
    const outcome = EVENT_HANDLERS[event.type](this, event as never);
    return { event, outcome, transitions: this.transitions };
  }

  /** Reports a change; see transition.ts. */
  emit(transition: Transition): void {
    this.transitions.push(transition);
  }

  /** Lets go of the transitions of the last event, which are no part of the state. */
  forgetTransitions(): void {
    this.transitions = [];
  }

  /** A number that nothing else in the trace has; used to tell objects apart. */
  newSerial(): number {
    return ++this.serial;
  }

  newFile(object: FileObject, flags: number): OpenFile {
    object.onOpen();
    return new OpenFile(this.newSerial(), object, flags);
  }

  /**
   * The last reference to a file is gone. What its release lets go in turn is released after it, as
   * the kernel's task work does it: files that hold files, however deep, need no deep stack.
   *
   * @source fput and delayed_fput, fs/file_table.c (v7.3.4)
   */
  releaseFile(file: OpenFile): void {
    this.released.push(file);
    if (this.released.length > 1) return;
    try {
      for (const next of this.released) {
        this.emit({ kind: "file_released", file: next });
        next.object.onRelease(this);
      }
    } finally {
      this.released = [];
    }
  }

  newAddressSpace(): AddressSpace {
    return new AddressSpace(this.newSerial(), this);
  }

  /** The process of an event; a pid seen for the first time gets a fresh process (guard G1). */
  process(pid: number): Process {
    const known = this.processes.get(pid);
    if (known !== undefined) return known;
    return this.startProcess(pid, undefined);
  }

  /** Starts a process, as a copy of `parent` where there is one. */
  startProcess(pid: number, parent: Process | undefined): Process {
    const mm = parent === undefined ? this.newAddressSpace() : parent.mm.fork(this.newSerial());
    const process = new Process(pid, parent, mm, this.seq);
    process.role = this.knownRoles.get(pid);
    this.processes.set(pid, process);
    this.emit({ kind: "process_started", process });
    if (parent === undefined) {
      this.giveStandardFds(process);
      return process;
    }
    process.uid = parent.uid;
    process.rlimit_memlock = parent.rlimit_memlock;
    process.rlimit_nofile = parent.rlimit_nofile;
    process.role ??= parent.role;
    process.comm = parent.comm;
    for (const capability of parent.droppedCapabilities) {
      process.droppedCapabilities.add(capability);
    }
    parent.fds.copyTo(this, process.fds);
    return process;
  }

  /** Input, output and errors were open before the trace begins; nobody records them. */
  private giveStandardFds(process: Process): void {
    for (const name of STANDARD_FDS) {
      const file = this.newFile(new OtherFile(name), 0);
      process.fds.install(this, process.fds.lowestFree(), file, false);
    }
  }

  /** Ends a process: its memory is unmapped, then its descriptors are closed. */
  endProcess(process: Process, cause: "exit" | "signal" | "kernel_gone"): void {
    if (!process.alive) return;
    process.alive = false;
    process.mm.release();
    process.fds.closeAll(this);
    this.processes.delete(process.pid);
    this.emit({ kind: "process_exited", process, cause });
  }

  installFd(process: Process, fd: number, file: OpenFile, cloexec: boolean | undefined): void {
    process.fds.install(this, fd, file, cloexec);
    this.emit({ kind: "fd_installed", process, fd, file });
  }

  closeFd(process: Process, fd: number): boolean {
    const file = process.fds.get(fd);
    if (file === undefined) return false;
    this.emit({ kind: "fd_closed", process, fd, file });
    return process.fds.close(this, fd);
  }

  /** The outcome of an event about which the model claims nothing. */
  observe(event: Event): Outcome {
    const call = new Call(this, this.nobody, event);
    call.unjudged();
    return call;
  }
}
