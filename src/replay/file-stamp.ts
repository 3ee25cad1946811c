/** Which file something is, and in which state. */

import { stat } from "node:fs/promises";

export interface FileStamp {
  /**
   * Device, inode, size, time of modification and time of change. The last one is set by the kernel
   * at every write and cannot be set back.
   */
  readonly text: string;
  readonly size_bytes: number;
}

export interface FileFacts {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: FileFacts): FileStamp {
  return { text: [dev, ino, size, mtimeNs, ctimeNs].join(" "), size_bytes: Number(size) };
}

/** Whether the file at a path is still the one that the stamp was taken of. */
export async function isUnchanged(path: string, { text }: FileStamp): Promise<boolean> {
  try {
    return stampOf(await stat(path, { bigint: true })).text === text;
  } catch {
    return false;
  }
}
