import type { OpenFile } from "../file/open-file.js";
import type { Process } from "../process/process.js";
import { Memfd } from "./memfd.js";

const O_ACCMODE = 3;
const O_RDONLY = 0;
const O_WRONLY = 1;

/** An open memfd (or tmpfs file) as a call on a descriptor sees it. */
export interface MemfdFd {
  readonly file: OpenFile;
  readonly memfd: Memfd;
}

/**
 * The memfd behind a descriptor; undefined for another file, for a closed number, and for a memfd
 * whose state the trace does not tell.
 */
export function memfdAt(process: Process, fd: number): MemfdFd | undefined {
  const file = process.fds.getUsable(fd);
  const memfd = file?.object;
  if (file === undefined || !(memfd instanceof Memfd) || !memfd.isKnown) return undefined;
  return { file, memfd };
}

export function isWritable(file: OpenFile): boolean {
  return (file.flags & O_ACCMODE) !== O_RDONLY;
}

export function isReadable(file: OpenFile): boolean {
  return (file.flags & O_ACCMODE) !== O_WRONLY;
}
