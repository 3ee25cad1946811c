/** Keeps a folder of the result cache within its share of the size. */

import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Entries lie in folders by the first two digits of their keys, evenly: each has its share. */
export const FOLDERS = 256;

/** Only what the cache itself has written is ever removed, whatever else lies there. */
const ENTRY = /^[0-9a-f]{64}\.json$/;
const TEMPORARY = /^[0-9a-f-]{36}\.tmp$/;
/** A temporary file this old was left behind by a program that was stopped. */
const TEMPORARY_AGE_MS_MAX = 60 * 60 * 1000;
/** A file takes whole blocks on the disk. */
const BLOCK_BYTES = 4096;

interface Entry {
  readonly path: string;
  readonly used_ms: number;
  readonly size_bytes: number;
}

/** Removes the entries that were used longest ago until the rest is not above the size. */
export async function pruneFolder(
  folder: string,
  size_bytes_max: number,
  now_ms: number,
): Promise<void> {
  const entries: Entry[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    // Another program may prune at the same time.
    if (facts === undefined) continue;
    if (ENTRY.test(name)) {
      const size_bytes = Math.ceil(facts.size / BLOCK_BYTES) * BLOCK_BYTES;
      entries.push({ path, used_ms: facts.mtimeMs, size_bytes });
    } else if (TEMPORARY.test(name) && now_ms - facts.mtimeMs > TEMPORARY_AGE_MS_MAX) {
      await remove(path);
    }
  }
  let total_bytes = entries.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  for (const { path, size_bytes } of entries.sort((a, b) => a.used_ms - b.used_ms)) {
    if (total_bytes <= size_bytes_max) break;
    await remove(path);
    total_bytes -= size_bytes;
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}
