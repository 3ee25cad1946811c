/** The first line of what `--shard` prints: which part of which run it is. */

import { createHash } from "node:crypto";
import * as z from "zod";
import { type Input, weightOf } from "./inputs.js";

/** Version of the format; another one cannot be merged. */
export const SHARD_FORMAT = 1;

export const shardHeader = z.looseObject({
  lutrace_shard: z.literal(SHARD_FORMAT),
  /** Which lutrace it was. */
  build: z.string(),
  /** What decided about the results; the command is one of it. */
  settings: z.looseObject({ command: z.enum(["check", "corpus"]) }),
  /** How the results were to be shown. */
  show: z.record(z.string(), z.unknown()),
  shard: z.int().min(1),
  of: z.int().min(1),
  /** Number of items in all shards. */
  items: z.int().min(0),
  /** Digest of the list that was divided. */
  list: z.string(),
});

export type ShardHeader = z.output<typeof shardHeader>;

/** The last line: whoever has it has all of the lines before. */
export const shardEnd = z.strictObject({
  entries: z.int().min(0),
  /** SHA-256 of the lines before, with their line ends. */
  sha256: z.string(),
});

export type ShardEnd = z.output<typeof shardEnd>;

/** The paths in their order with their weights: the same digest means the same division. */
export function listDigest(items: readonly Input[]): string {
  const hash = createHash("sha256");
  for (const item of items) hash.update(`${weightOf(item)} ${item.path}\n`);
  return hash.digest("hex");
}
