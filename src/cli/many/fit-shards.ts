/** Whether shards are the parts of one run, all of them; and what to say when they are not. */

import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../usage-error.js";
import type { ShardFile } from "./shard-file.js";
import type { ShardHeader } from "./shard-header.js";

/** Shards that are named in a message; there may be thousands. */
const NAMED_MAX = 8;

/**
 * The common header of shards that fit together.
 *
 * @param build The lutrace that merges: another one might print the same results differently.
 * @throws UsageError that says which do not fit, and why.
 */
export function fitShards(shards: readonly ShardFile[], build: string): ShardHeader {
  const [first] = shards;
  if (first === undefined) throw new UsageError("there are no shards to merge");
  for (const shard of shards) {
    const problem = misfit(first, shard);
    if (problem !== undefined) throw new UsageError(problem);
  }
  const { header } = first;
  if (header.build !== build) {
    throw new UsageError(
      `the shards were made by lutrace ${shortBuild(header.build)}, this is` +
        ` ${shortBuild(build)}; merge with the lutrace that made them`,
    );
  }
  const problem = twice(shards) ?? missing(shards) ?? incomplete(shards, header.items);
  if (problem !== undefined) throw new UsageError(problem);
  return header;
}

function misfit(first: ShardFile, other: ShardFile): string | undefined {
  const [a, b] = [first.header, other.header];
  const both = `${first.path} and ${other.path} do not fit together`;
  if (a.build !== b.build) {
    const builds = `${shortBuild(a.build)} and ${shortBuild(b.build)}`;
    return `${both}: they were made by lutrace ${builds}; use one version for all shards`;
  }
  if (a.settings.command !== b.settings.command) {
    return `${both}: one is of ${commandName(a)}, one of ${commandName(b)}`;
  }
  const option = firstDifference(a.settings, b.settings) ?? firstDifference(a.show, b.show);
  if (option !== undefined) {
    const [name, x, y] = option;
    const values = `${shown(x)} for one, ${shown(y)} for the other`;
    return `${both}: --${name.replaceAll("_", "-")} was ${values}`;
  }
  if (a.of !== b.of) return `${both}: one is of ${a.of} shards, one of ${b.of}`;
  if (a.list !== b.list || a.items !== b.items) {
    return `${both}: they saw other traces, or traces of other sizes; run all on the same files`;
  }
  return undefined;
}

function commandName({ settings }: ShardHeader): string {
  return settings.command === "check" ? "check" : "corpus run";
}

/** Name and both values of the first option that differs. */
function firstDifference(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): readonly [name: string, a: unknown, b: unknown] | undefined {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const name = [...names].find((name) => !isDeepStrictEqual(a[name], b[name]));
  return name === undefined ? undefined : [name, a[name], b[name]];
}

function shown(value: unknown): string {
  return value === undefined ? "not given" : String(value);
}

function shortBuild(build: string): string {
  return build.slice(0, build.indexOf("-") + 9);
}

function twice(shards: readonly ShardFile[]): string | undefined {
  const seen = new Map<number, string>();
  for (const { path, header } of shards) {
    const other = seen.get(header.shard);
    if (other !== undefined) {
      return `shard ${header.shard}/${header.of} is there twice: ${other} and ${path}`;
    }
    seen.set(header.shard, path);
  }
  return undefined;
}

function missing(shards: readonly ShardFile[]): string | undefined {
  const of = shards[0]?.header.of ?? 0;
  const present = new Set(shards.map(({ header }) => header.shard));
  const absent = Array.from({ length: of }, (_, n) => n + 1).filter((n) => !present.has(n));
  if (absent.length === 0) return undefined;
  const named = absent.slice(0, NAMED_MAX).map((n) => `${n}/${of}`);
  if (absent.length === 1) return `shard ${named[0]} is missing; run it, then merge all`;
  const more = absent.length > NAMED_MAX ? ` and ${absent.length - NAMED_MAX} more` : "";
  return `shards ${named.join(", ")}${more} are missing; run them, then merge all`;
}

function incomplete(shards: readonly ShardFile[], items: number): string | undefined {
  const indexes = new Set(shards.flatMap(({ entries }) => entries.map(({ index }) => index)));
  const entries = shards.reduce((sum, shard) => sum + shard.entries.length, 0);
  const fits = indexes.size === items && entries === items;
  return fits ? undefined : `the shards hold ${indexes.size} of ${items} traces; run them again`;
}
