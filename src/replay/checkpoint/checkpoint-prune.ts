/** Keeps the checkpoints of all traces together within a size. */

import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Only folders that the cache itself made are ever removed. */
const FOLDER = /^[0-9a-f]{64}$/;

interface Folder {
  readonly path: string;
  readonly used_ms: number;
  readonly size_bytes: number;
}

/**
 * Removes the checkpoints of the traces that were not asked for longest, until the rest is not
 * above the size.
 *
 * @param keep The folder in use, which stays.
 */
export async function pruneCheckpoints(
  root: string,
  size_bytes_max: number,
  keep: string,
): Promise<void> {
  const folders: Folder[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    if (!FOLDER.test(name)) continue;
    const folder = await measure(join(root, name));
    if (folder !== undefined) folders.push(folder);
  }
  let total_bytes = folders.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  for (const { path, size_bytes } of folders.sort((a, b) => a.used_ms - b.used_ms)) {
    if (total_bytes <= size_bytes_max) break;
    if (path === keep) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
    total_bytes -= size_bytes;
  }
}

/** Undefined where another program has removed it meanwhile. */
async function measure(path: string): Promise<Folder | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    let size_bytes = 0;
    for (const name of await readdir(path)) size_bytes += (await stat(join(path, name))).size;
    return { path, used_ms: mtimeMs, size_bytes };
  } catch {
    return undefined;
  }
}
