/** Reads what `--shard` has printed. */

import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import type * as z from "zod";
import { UsageError } from "../usage-error.js";
import { SHARD_FORMAT, type ShardHeader, shardEnd, shardHeader } from "./shard-header.js";

const NEWLINE = 0x0a;

/** Where an entry lies in its file. */
export interface EntryPlace {
  readonly index: number;
  readonly offset_bytes: number;
  readonly length_bytes: number;
}

/** A shard without its entries: they are fetched one by one, so that all shards fit in memory. */
export interface ShardFile {
  readonly path: string;
  readonly header: ShardHeader;
  readonly entries: readonly EntryPlace[];
}

/**
 * Reads a shard and makes sure that it is whole.
 *
 * @throws UsageError when it is not.
 */
export async function readShard(path: string): Promise<ShardFile> {
  const bytes = await readFile(path);
  const lines = linesOf(bytes);
  const [first, ...rest] = lines;
  const last = rest.pop();
  const header = first && headerOf(bytes.toString("utf8", first.start, first.end), path);
  if (header === undefined) throw new UsageError(`${path} is empty, not the output of --shard`);
  const end = last && parsed(bytes.toString("utf8", last.start, last.end), shardEnd);
  const sha256 = createHash("sha256").update(bytes.subarray(0, last?.start ?? 0));
  if (end?.sha256 !== sha256.digest("hex") || end.entries !== rest.length) {
    const name = `shard ${header.shard}/${header.of} (${path})`;
    throw new UsageError(`${name} is not whole: run it again, or copy it again`);
  }
  const entries = rest.map(({ start, end }): EntryPlace => {
    const { index } = JSON.parse(bytes.toString("utf8", start, end)) as { index: number };
    return { index, offset_bytes: start, length_bytes: end - start };
  });
  return { path, header, entries };
}

/** Reads one entry; the digest of the whole file was compared before. */
export async function readEntry(path: string, place: EntryPlace): Promise<unknown> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.alloc(place.length_bytes);
    await handle.read(buffer, 0, place.length_bytes, place.offset_bytes);
    return (JSON.parse(buffer.toString("utf8")) as { entry: unknown }).entry;
  } finally {
    await handle.close();
  }
}

function headerOf(line: string, path: string): ShardHeader {
  const header = parsed(line, shardHeader);
  if (header !== undefined) return header;
  const hint = `lutrace corpus run --shard 1/4 > 1.shard makes one, of format ${SHARD_FORMAT}`;
  throw new UsageError(`${path} is not the output of --shard (${hint})`);
}

function parsed<T>(line: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function linesOf(bytes: Buffer): { readonly start: number; readonly end: number }[] {
  const lines = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}
