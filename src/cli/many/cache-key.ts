/** Under which key the result of a task is kept: everything that decides about it. */

import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { qemuLogBeside } from "../../replay/source-qemu-log.js";
import { buildId } from "./build-id.js";
import { digestFile, type FileContent, isUnchanged } from "./content-digest.js";
import type { Task } from "./task.js";

const QEMU_LOG = /qemu_trace\.txt(\.gz)?$/;

export interface CacheKey {
  readonly hex: string;
  /** Whether the files are still what they were when the key was made. */
  isCurrent(): Promise<boolean>;
}

/** Makes keys; one for each run, because it remembers what folders hold. */
export class CacheKeys {
  readonly #foldersWithLogs = new Map<string, Promise<boolean>>();

  /** The key of a task; undefined where the path is no file that can be read. */
  async keyOf({ path, settings }: Task): Promise<CacheKey | undefined> {
    const trace = await digestFile(path);
    if (trace === undefined) return undefined;
    // A capture is read together with the emulator's log beside it.
    const logPath = (await this.#hasLogs(dirname(path))) ? await qemuLogBeside(path) : undefined;
    const log = logPath === undefined ? undefined : await digestFile(logPath);
    if (logPath !== undefined && log === undefined) return undefined;
    const parts = [buildId(), process.version, settings, trace.sha256, log?.sha256 ?? null];
    const files: (readonly [string, FileContent])[] = [[path, trace]];
    if (logPath !== undefined && log !== undefined) files.push([logPath, log]);
    return {
      hex: createHash("sha256").update(JSON.stringify(parts)).digest("hex"),
      isCurrent: async () => {
        const checks = files.map(([path, content]) => isUnchanged(path, content));
        return (await Promise.all(checks)).every((unchanged) => unchanged);
      },
    };
  }

  #hasLogs(folder: string): Promise<boolean> {
    const known = this.#foldersWithLogs.get(folder);
    if (known !== undefined) return known;
    const found = readdir(folder).then(
      (names) => names.some((name) => QEMU_LOG.test(name)),
      () => true,
    );
    this.#foldersWithLogs.set(folder, found);
    return found;
  }
}
