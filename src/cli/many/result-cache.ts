/**
 * Results of earlier runs, kept as files. Any number of programs may use one folder at the same
 * time: an entry appears whole or not at all, and one that is damaged counts as missing.
 */

import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FOLDERS, pruneFolder } from "./cache-prune.js";

const NAME = "results-1";
const DIGEST_CHARACTERS = 64;

export class ResultCache {
  readonly #root: string;
  /** Folders in which something was written: only these can have grown too large. */
  readonly #written = new Set<string>();

  /** @param size_bytes_max What all entries together may take. */
  private constructor(
    folder: string,
    readonly size_bytes_max: number,
  ) {
    this.#root = join(folder, NAME);
  }

  /**
   * Opens a cache, which is made where it is missing.
   *
   * @throws What the file system says when it cannot be made.
   */
  static async open(folder: string, size_bytes_max: number): Promise<ResultCache> {
    const cache = new ResultCache(folder, size_bytes_max);
    // What users looked at is nobody else's business.
    await mkdir(cache.#root, { recursive: true, mode: 0o700 });
    return cache;
  }

  /** The result kept under a key of hexadecimal digits; undefined when there is none. */
  async get(key: string): Promise<unknown> {
    const path = join(this.#root, key.slice(0, 2), `${key}.json`);
    try {
      const text = await readFile(path, "utf8");
      const body = text.slice(DIGEST_CHARACTERS + 1);
      if (text.slice(0, DIGEST_CHARACTERS) !== digestOf(body)) return undefined;
      const result: unknown = JSON.parse(body);
      // What is used stays when the cache is pruned.
      const now = new Date();
      await utimes(path, now, now);
      return result;
    } catch {
      return undefined;
    }
  }

  /** Keeps a result. A cache that cannot be written to is no reason to fail. */
  async put(key: string, result: unknown): Promise<void> {
    const body = JSON.stringify(result);
    const text = `${digestOf(body)}\n${body}`;
    // An entry that takes a good part of its folder would drive out all others.
    if (text.length > this.size_bytes_max / FOLDERS / 4) return;
    const folder = join(this.#root, key.slice(0, 2));
    const temporary = join(folder, `${randomUUID()}.tmp`);
    try {
      if (!this.#written.has(folder)) await mkdir(folder, { recursive: true });
      await writeFile(temporary, text, { flag: "wx" });
      await rename(temporary, join(folder, `${key}.json`));
      this.#written.add(folder);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  /** Removes what was not used for longest, down to the size that is allowed. */
  async prune(): Promise<void> {
    for (const folder of this.#written) {
      await pruneFolder(folder, this.size_bytes_max / FOLDERS, Date.now());
    }
    this.#written.clear();
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
