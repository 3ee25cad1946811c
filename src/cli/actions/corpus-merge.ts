/** What `lutrace corpus merge` does. */

import { CheckPrinter } from "../check/check-printer.js";
import { CorpusPrinter } from "../corpus/corpus-printer.js";
import type { ExitStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";
import { buildId } from "../many/build-id.js";
import { fitShards } from "../many/fit-shards.js";
import { expandPatterns } from "../many/inputs.js";
import type { Printer } from "../many/printer.js";
import { type EntryPlace, readEntry, readShard, type ShardFile } from "../many/shard-file.js";
import type { ShardHeader } from "../many/shard-header.js";

export interface CorpusMergeArgs {
  readonly shard: readonly string[];
}

export async function corpusMerge(args: CorpusMergeArgs, io: CliIo): Promise<ExitStatus> {
  const shards: ShardFile[] = [];
  for (const { path } of await expandPatterns(args.shard)) shards.push(await readShard(path));
  const header = fitShards(shards, buildId());
  const printer = printerOf(header, io);
  for (const { path, place } of inOrderOfRun(shards)) {
    await printer.add(await readEntry(path, place), place.index);
  }
  return await printer.end();
}

function inOrderOfRun(
  shards: readonly ShardFile[],
): { readonly path: string; readonly place: EntryPlace }[] {
  return shards
    .flatMap(({ path, entries }) => entries.map((place) => ({ path, place })))
    .sort((a, b) => a.place.index - b.place.index);
}

/** The printer of the command that made the shards; the same build wrote what it is given. */
function printerOf({ settings, show, items }: ShardHeader, io: CliIo): Printer<unknown> {
  const printer =
    settings.command === "check"
      ? new CheckPrinter(io, show as never, items > 1)
      : new CorpusPrinter(io, show as never);
  return printer as Printer<unknown>;
}
