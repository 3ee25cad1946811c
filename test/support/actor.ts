/** A process of a story: its calls, by the names its programmer knows. */

import type { StructValues } from "../../src/engine/abi/layout.js";
import type { ProcessRole } from "../../src/engine/process/process.js";
import type { Expected, Story } from "./story.js";

const O_RDWR_CLOEXEC = 0o2000002;
const O_RDWR = 2;
const MFD_ALLOW_SEALING = 2;
const PARENT_END = 900;
const CHILD_END = 901;

/** Seals that a memfd needs before it is mapped for a device. */
export const SEALED = 0x7;

export class Actor {
  constructor(
    readonly story: Story,
    readonly pid: number,
  ) {}

  /** Opens a path; gives the descriptor, or -1. */
  open(path: string, expected?: Expected): number {
    const { pid } = this;
    const flags = path.startsWith("/dev/") ? O_RDWR_CLOEXEC : O_RDWR;
    return Number(this.story.call({ type: "open", pid, path, flags }, expected).outcome.ret);
  }

  close(fd: number): void {
    this.story.call({ type: "close", pid: this.pid, fd });
  }

  ioctl(fd: number, op: string, args: StructValues = {}, expected?: Expected): StructValues {
    const step = this.story.call({ type: "ioctl", pid: this.pid, fd, op, in: args }, expected);
    return { ...args, ...step.outcome.out };
  }

  exit(): void {
    this.story.add({ type: "exit", pid: this.pid, code: 0 });
  }

  /** Forks; the child shares every open file description. */
  fork(child: number): Actor {
    this.story.add({ type: "fork", pid: this.pid, child, ret: child });
    return this.story.actor(child);
  }

  /** Starts another program: it keeps one end of a socket pair, over which files can be passed. */
  spawn(child: number, role?: ProcessRole): Actor {
    const { story, pid } = this;
    story.add({ type: "new_fds", pid, what: "socketpair", fds: [PARENT_END, CHILD_END], ret: 0 });
    const started = this.fork(child);
    story.add({ type: "process_start", pid: child, ...(role === undefined ? {} : { role }) });
    return started;
  }

  /** Passes a file to the program spawned last; gives the number it has there. */
  pass(fd: number, to: Actor): number {
    const { story } = this;
    story.add({ type: "send_fds", pid: this.pid, socket: PARENT_END, fds: [fd], ret: 1 });
    const number = story.machine.process(to.pid).fds.lowestFree();
    story.add({ type: "receive_fds", pid: to.pid, socket: CHILD_END, fds: [number], ret: 1 });
    return number;
  }

  memfd(name: string, length_bytes = 0x10000n, seals = 0): number {
    const { pid, story } = this;
    const flags = MFD_ALLOW_SEALING;
    const fd = Number(story.call({ type: "memfd_create", pid, name, flags }).outcome.ret);
    story.call({ type: "ftruncate", pid, fd, length: length_bytes });
    if (seals !== 0) this.addSeals(fd, seals);
    return fd;
  }

  addSeals(fd: number, seals: number, expected?: Expected): void {
    const { pid } = this;
    this.story.call({ type: "fcntl", pid, fd, cmd: "F_ADD_SEALS", arg: seals }, expected);
  }

  ftruncate(fd: number, length: bigint, expected?: Expected): void {
    this.story.call({ type: "ftruncate", pid: this.pid, fd, length }, expected);
  }

  fallocate(fd: number, mode: number, offset: bigint, length: bigint, expected?: Expected): void {
    this.story.call({ type: "fallocate", pid: this.pid, fd, mode, offset, length }, expected);
  }

  createSession(device: number, name: string, expected?: Expected): number {
    const op = "LIVEUPDATE_IOCTL_CREATE_SESSION";
    return Number(this.ioctl(device, op, { fd: -1, name: pad(name) }, expected)["fd"]);
  }

  retrieveSession(device: number, name: string, expected?: Expected): number {
    const op = "LIVEUPDATE_IOCTL_RETRIEVE_SESSION";
    return Number(this.ioctl(device, op, { fd: -1, name: pad(name) }, expected)["fd"]);
  }

  preserve(session: number, fd: number, token: bigint, expected?: Expected): void {
    this.ioctl(session, "LIVEUPDATE_SESSION_PRESERVE_FD", { fd, token }, expected);
  }

  retrieve(session: number, token: bigint, expected?: Expected): number {
    const op = "LIVEUPDATE_SESSION_RETRIEVE_FD";
    return Number(this.ioctl(session, op, { fd: -1, token }, expected)["fd"]);
  }

  finish(session: number, expected?: Expected): void {
    this.ioctl(session, "LIVEUPDATE_SESSION_FINISH", {}, expected);
  }
}

const NAME_BYTES = 64;

function pad(name: string): string {
  return name.padEnd(NAME_BYTES, "\0");
}
