import { assert } from "./assert.js";
import { Call } from "./call/call.js";
import type { Outcome } from "./call/outcome.js";
import { EVENT_HANDLERS } from "./calls/table.js";
import type { Event } from "./event/index.js";
import type { FileObject } from "./file/file-object.js";
import { OpenFile } from "./file/open-file.js";
import { AddressSpace } from "./memory/address-space.js";
import { Process } from "./process/process.js";
import type { Profile } from "./profile/index.js";
import type { Transition } from "./transition.js";

/** What one event did. `transitions` is reused: it is valid until the next `apply`. */
export interface Step {
  readonly event: Event;
  readonly outcome: Outcome;
  readonly transitions: readonly Transition[];
}

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
  /** Page size in bytes. */
  page_size = 4096n;
  #serial = 0;
  #transitions: Transition[] = [];

  constructor(readonly profile: Profile) {}

  /** Applies one event and says what it did. */
  apply(event: Event): Step {
    this.seq = event.seq;
    this.#transitions = [];
    const outcome = EVENT_HANDLERS[event.type](this, event as never);
    return { event, outcome, transitions: this.#transitions };
  }

  /** Reports a change; see transition.ts. */
  emit(transition: Transition): void {
    this.#transitions.push(transition);
  }

  /** A number that nothing else in the trace has; used to tell objects apart. */
  newSerial(): number {
    return ++this.#serial;
  }

  newFile(object: FileObject, flags: number): OpenFile {
    return new OpenFile(this.newSerial(), object, flags);
  }

  newAddressSpace(): AddressSpace {
    return new AddressSpace(this.newSerial(), () => this.newSerial());
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
    this.processes.set(pid, process);
    this.emit({ kind: "process_started", process });
    if (parent === undefined) return process;
    process.uid = parent.uid;
    process.rlimit_memlock = parent.rlimit_memlock;
    process.rlimit_nofile = parent.rlimit_nofile;
    process.role = parent.role;
    process.comm = parent.comm;
    for (const capability of parent.droppedCapabilities) {
      process.droppedCapabilities.add(capability);
    }
    for (const { vma } of process.mm.vmas()) vma.object.file?.get();
    parent.fds.copyTo(this, process.fds);
    return process;
  }

  /** Ends a process: its memory is unmapped, then its descriptors are closed. */
  endProcess(process: Process, cause: "exit" | "signal" | "kernel_gone"): void {
    if (!process.alive) return;
    process.alive = false;
    this.releaseMemory(process.mm);
    process.fds.closeAll(this);
    this.processes.delete(process.pid);
    this.emit({ kind: "process_exited", process, cause });
  }

  /** The address space has no user left: its mappings drop their files. */
  releaseMemory(mm: AddressSpace): void {
    assert(mm.alive, `address space #${mm.serial} was released twice`);
    mm.alive = false;
    for (const { vma } of mm.vmas()) vma.object.file?.put(this);
  }

  installFd(process: Process, fd: number, file: OpenFile, cloexec: boolean): void {
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
    const call = new Call(this, NOBODY, event);
    call.unjudged();
    return call;
  }
}

/** Stands in for the process of events that no process makes. */
const NOBODY = new Process(0, undefined, new AddressSpace(0, () => 0), 0);
