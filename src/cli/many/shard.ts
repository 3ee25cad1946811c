/** A run cut into parts that can be done anywhere, in any order. */

import { UsageError } from "../usage-error.js";

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

const SHARDS_MAX = 10_000;

/**
 * Reads `I/N`.
 *
 * @throws UsageError
 */
export function parseShard(text: string): Shard {
  const [, first = "", second = ""] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  const shard = { index: Number(first), of: Number(second) };
  const fits = first !== "" && shard.index >= 1 && shard.index <= shard.of;
  if (!fits || shard.of > SHARDS_MAX) {
    throw new UsageError(
      `--shard needs I/N, such as 2/8, with I from 1 to N and N at most ${SHARDS_MAX}, not ${text}`,
    );
  }
  return shard;
}

/**
 * Which shard, from 0, does each item: the heaviest item first, always to the shard that has least
 * so far. The same weights give the same answer everywhere.
 */
export function assignShards(weights: readonly number[], shards: number): number[] {
  const order = weights.map((_, item) => item);
  order.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  const loads = new Array<number>(shards).fill(0);
  const assigned = new Array<number>(weights.length).fill(0);
  for (const item of order) {
    let least = 0;
    for (let shard = 1; shard < shards; shard++) {
      if ((loads[shard] ?? 0) < (loads[least] ?? 0)) least = shard;
    }
    assigned[item] = least;
    loads[least] = (loads[least] ?? 0) + (weights[item] ?? 0);
  }
  return assigned;
}
