/**
 * The checkpoints of one trace, as files in a folder of their own. Any number of programs may use
 * it at the same time: a file appears whole or not at all.
 */

import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** `<seq>-<spot>.checkpoint` */
const NAME = /^(\d{1,16})-(\d{1,4})\.checkpoint$/;

/** What a file's name tells. */
export interface StoredCheckpoint {
  readonly name: string;
  /** Seq of the last event before it. */
  readonly seq: number;
  /** Which part of the trace it stands in. */
  readonly spot: number;
}

export class CheckpointStore {
  private made: Promise<unknown> | undefined;

  constructor(readonly folder: string) {}

  /** What is there, in no order; empty where there is nothing. */
  async list(): Promise<StoredCheckpoint[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.flatMap((name) => {
      const [, seq, spot] = NAME.exec(name) ?? [];
      return seq === undefined ? [] : [{ name, seq: Number(seq), spot: Number(spot) }];
    });
  }

  /** The bytes of a checkpoint; undefined where it is gone. The folder counts as used. */
  async read({ name }: StoredCheckpoint): Promise<Buffer | undefined> {
    const now = new Date();
    await utimes(this.folder, now, now).catch(() => undefined);
    return await readFile(join(this.folder, name)).catch(() => undefined);
  }

  /** @throws What the file system says. */
  async write(seq: number, spot: number, bytes: Buffer): Promise<void> {
    // Traces hold what was in memory, and so do checkpoints: nobody else may read them.
    this.made ??= mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.made;
    const temporary = join(this.folder, `${randomUUID()}.tmp`);
    try {
      await writeFile(temporary, bytes, { flag: "wx", mode: 0o600 });
      await rename(temporary, join(this.folder, `${seq}-${spot}.checkpoint`));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async remove({ name }: Pick<StoredCheckpoint, "name">): Promise<void> {
    await rm(join(this.folder, name), { force: true }).catch(() => undefined);
  }

  async removeAll(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
