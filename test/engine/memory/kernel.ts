/** A machine that tests make calls on: one process unless told otherwise, no recorded results. */

import type { Outcome } from "../../../src/engine/call/outcome.js";
import type { Event, IoctlEvent } from "../../../src/engine/event/index.js";
import { Machine, type Step } from "../../../src/engine/machine.js";
import type { Memfd } from "../../../src/engine/memory/memfd.js";
import { memfdAt } from "../../../src/engine/memory/memfd-fd.js";
import { PROFILES, type ProfileId } from "../../../src/engine/profile/index.js";
import type { Transition, TransitionKind } from "../../../src/engine/transition.js";

export const MFD_ALLOW_SEALING = 2;
export const MFD_HUGETLB = 4;
export const MFD_NOEXEC_SEAL = 8;
export const PAGE = 4096n;
export const PID = 100;

type WithoutSeq<E> = E extends unknown ? Omit<E, "seq"> : never;
type Given = WithoutSeq<Exclude<Event, IoctlEvent> | IoctlEvent>;

export class Kernel {
  readonly machine: Machine;
  /** Transitions of the last call. */
  transitions: readonly Transition[] = [];
  #seq = 0;

  constructor(profile: ProfileId = "luo73") {
    this.machine = new Machine(PROFILES[profile]);
  }

  get seq(): number {
    return this.machine.seq;
  }

  apply(event: Given): Step {
    const step = this.machine.apply({ ...event, seq: ++this.#seq } as Event);
    this.transitions = step.transitions;
    return step;
  }

  /** `ret`, or the errno's name. */
  call(event: Given): number | string {
    return answer(this.apply(event).outcome);
  }

  memfd(flags = MFD_ALLOW_SEALING, pid = PID): number {
    return Number(this.call({ type: "memfd_create", pid, name: "ram", flags }));
  }

  sizedMemfd(length: bigint, flags = MFD_ALLOW_SEALING): number {
    const fd = this.memfd(flags);
    this.ftruncate(fd, length);
    return fd;
  }

  ftruncate(fd: number, length: bigint): number | string {
    return this.call({ type: "ftruncate", pid: PID, fd, length });
  }

  fallocate(fd: number, mode: number, offset: bigint, length: bigint): number | string {
    return this.call({ type: "fallocate", pid: PID, fd, mode, offset, length });
  }

  punch(fd: number, offset: bigint, length: bigint): number | string {
    return this.fallocate(fd, 3, offset, length);
  }

  addSeals(fd: number, seals: number): number | string {
    return this.call({ type: "fcntl", pid: PID, fd, cmd: "F_ADD_SEALS", arg: seals });
  }

  seals(fd: number): number | string {
    return this.call({ type: "fcntl", pid: PID, fd, cmd: "F_GET_SEALS", arg: 0 });
  }

  pwrite(fd: number, offset: bigint, text: string): number | string {
    const data = new TextEncoder().encode(text);
    const count = BigInt(data.length);
    return this.call({ type: "pwrite", pid: PID, fd, offset, count, data });
  }

  /** What a pread finds; undefined where the model does not know. */
  pread(fd: number, offset: bigint, count: number): string | undefined {
    const event = { type: "pread", pid: PID, fd, offset, count: BigInt(count) } as const;
    const { data } = this.apply(event).outcome;
    return data === undefined ? undefined : new TextDecoder().decode(data);
  }

  lseek(fd: number, offset: number, whence: number): number | string {
    return this.call({ type: "lseek", pid: PID, fd, offset, whence });
  }

  mmap(fd: number, length: bigint, options: { prot?: number; flags?: number; pid?: number } = {}) {
    const { prot = 3, flags = 1, pid = PID } = options;
    const event = { type: "mmap", pid, addr: 0n, length, prot, flags, fd, offset: 0n } as const;
    const { outcome } = this.apply(event);
    return outcome.errno ?? BigInt(outcome.ret);
  }

  munmap(addr: bigint, length: bigint): number | string {
    return this.call({ type: "munmap", pid: PID, addr, length });
  }

  close(fd: number, pid = PID): number | string {
    return this.call({ type: "close", pid, fd });
  }

  open(path: string, flags = 2, mode = 0o600): number | string {
    return this.call({ type: "open", pid: PID, path, flags, mode });
  }

  fork(pid: number, parent = PID): void {
    this.apply({ type: "fork", pid: parent, child: pid, ret: pid });
  }

  /** The memfd behind a descriptor of the first process. */
  object(fd: number): Memfd {
    const found = memfdAt(this.machine.process(PID), fd);
    if (found === undefined) throw new Error(`descriptor ${fd} is no memfd`);
    return found.memfd;
  }

  /** Transitions of one kind that the last call made. */
  happened(kind: TransitionKind): readonly Transition[] {
    return this.transitions.filter((transition) => transition.kind === kind);
  }
}

function answer(outcome: Outcome): number | string {
  return outcome.errno ?? Number(outcome.ret);
}
