/** What a file holds, as a digest, with what tells that it has not changed since. */

import { createHash } from "node:crypto";
import { type FileHandle, open, stat } from "node:fs/promises";

const CHUNK_BYTES = 1024 * 1024;

export interface FileContent {
  /** SHA-256 in hexadecimal digits. */
  readonly sha256: string;
  /** Device, inode, size and times: another one means that somebody has written to the file. */
  readonly stamp: string;
}

/** Digests a regular file; undefined for anything else and for what cannot be read. */
export async function digestFile(path: string): Promise<FileContent | undefined> {
  let handle: FileHandle | undefined;
  try {
    // Opening a pipe would wait for its writer.
    if (!(await stat(path)).isFile()) return undefined;
    handle = await open(path, "r");
    const facts = await handle.stat({ bigint: true });
    const hash = createHash("sha256");
    // One byte more than a small file holds: the next read finds its end.
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Number(facts.size) + 1));
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
    return { sha256: hash.digest("hex"), stamp: stampOf(facts) };
  } catch {
    // Whoever opens the trace says what is wrong with it.
    return undefined;
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** Whether the file is still the one that was digested. */
export async function isUnchanged(path: string, { stamp }: FileContent): Promise<boolean> {
  try {
    return stampOf(await stat(path, { bigint: true })) === stamp;
  } catch {
    return false;
  }
}

interface Facts {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: Facts): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
