import type { Machine } from "../machine.js";
import type { OpenFile } from "./open-file.js";

const O_PATH = 0o10000000;

export interface FdEntry {
  readonly file: OpenFile;
  /** FD_CLOEXEC; undefined where the call that made the descriptor does not tell. */
  cloexec: boolean | undefined;
}

/** The descriptor table of one process. */
export class FdTable {
  private readonly _entries = new Map<number, FdEntry>();
  /** No number below this one is free. */
  private lowestMaybeFree = 0;

  get(fd: number): OpenFile | undefined {
    return this._entries.get(fd)?.file;
  }

  /** The file, where it can be used: O_PATH descriptors only name one, most calls answer EBADF. */
  getUsable(fd: number): OpenFile | undefined {
    const file = this.get(fd);
    return file !== undefined && (file.flags & O_PATH) === 0 ? file : undefined;
  }

  entry(fd: number): FdEntry | undefined {
    return this._entries.get(fd);
  }

  /** All open descriptors, in ascending order. */
  entries(): [number, FdEntry][] {
    return [...this._entries].sort(([a], [b]) => a - b);
  }

  get size(): number {
    return this._entries.size;
  }

  /** The number open(2) would return: lowest free one, not below `minimum`. */
  lowestFree(minimum = 0): number {
    let fd = Math.max(minimum, this.lowestMaybeFree);
    while (this._entries.has(fd)) fd++;
    if (minimum <= this.lowestMaybeFree) this.lowestMaybeFree = fd;
    return fd;
  }

  /** Puts a file at `fd`, taking a reference; what was there is closed first, as dup2 does. */
  install(machine: Machine, fd: number, file: OpenFile, cloexec: boolean | undefined): void {
    file.get();
    this.close(machine, fd);
    this._entries.set(fd, { file, cloexec });
  }

  /** Sets or clears FD_CLOEXEC; does nothing for a number that is not open. */
  setCloexec(fd: number, cloexec: boolean): void {
    const entry = this._entries.get(fd);
    if (entry !== undefined) entry.cloexec = cloexec;
  }

  /** Closes `fd`; false when it was not open. */
  close(machine: Machine, fd: number): boolean {
    const file = this.take(fd);
    file?.put(machine);
    return file !== undefined;
  }

  /** Frees the number `fd`; the reference that the table held is the caller's to drop. */
  take(fd: number): OpenFile | undefined {
    const entry = this._entries.get(fd);
    if (entry === undefined) return undefined;
    this._entries.delete(fd);
    if (fd < this.lowestMaybeFree) this.lowestMaybeFree = fd;
    return entry.file;
  }

  /** Gives a forked child the same descriptors. */
  copyTo(machine: Machine, child: FdTable): void {
    for (const [fd, entry] of this._entries) child.install(machine, fd, entry.file, entry.cloexec);
  }

  closeAll(machine: Machine): void {
    for (const [fd] of this.entries()) this.close(machine, fd);
  }

  closeOnExec(machine: Machine): void {
    for (const [fd, entry] of this.entries()) if (entry.cloexec === true) this.close(machine, fd);
  }
}
