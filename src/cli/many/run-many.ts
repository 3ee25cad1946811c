/** The frame of a command that works on many traces: all of them, or one shard. */

import type { ExitStatus } from "../exit-status.js";
import type { CliIo } from "../io.js";
import { UsageError } from "../usage-error.js";
import { Analyst, type AnalystArgs } from "./analyst.js";
import { buildId } from "./build-id.js";
import { inOrder } from "./in-order.js";
import { type Input, weightOf } from "./inputs.js";
import type { ShardArgs } from "./many-options.js";
import type { Printer } from "./printer.js";
import { assignShards, type Shard } from "./shard.js";
import { listDigest, SHARD_FORMAT, type ShardHeader } from "./shard-header.js";
import { ShardPrinter } from "./shard-printer.js";
import type { CheckSettings, CorpusSettings } from "./task.js";

export interface ManyRun<Item extends Input, Entry> {
  readonly items: readonly Item[];
  /** What decides about the results, besides the traces. */
  readonly settings: CheckSettings | CorpusSettings;
  /** What decides only about how they are shown. */
  readonly show: Readonly<Record<string, unknown>>;
  work(item: Item, analyst: Analyst): Promise<Entry>;
  /** @param items Their number in the whole run. */
  printer(io: CliIo, items: number): Printer<Entry>;
}

/** Works on the items and prints what they give, in their order. */
export async function runMany<Item extends Input, Entry>(
  run: ManyRun<Item, Entry>,
  args: AnalystArgs & ShardArgs,
  io: CliIo,
): Promise<ExitStatus> {
  const { items } = run;
  const numbered = items.map((item, index) => ({ item, index }));
  const mine = args.shard === undefined ? numbered : shardOf(numbered, args.shard);
  const analyst = await Analyst.open(
    mine.map(({ item }) => item),
    args,
    io,
  );
  try {
    const printerTo = (to: CliIo): Printer<Entry> => run.printer(to, items.length);
    const printer =
      args.shard === undefined
        ? printerTo(analyst.besides)
        : new ShardPrinter(analyst.besides, headerOf(run, args.shard), printerTo);
    await inOrder(
      mine,
      analyst.tasks_max,
      ({ item }) => run.work(item, analyst),
      (entry, { index }) => printer.add(entry, index),
    );
    return await printer.end();
  } finally {
    await analyst.close();
  }
}

function shardOf<Numbered extends { readonly item: Input }>(
  items: readonly Numbered[],
  { index, of }: Shard,
): Numbered[] {
  if (items.some(({ item }) => item.path === "-")) {
    throw new UsageError("--shard cannot divide standard input; give it files");
  }
  const weights = items.map(({ item }) => weightOf(item));
  const assigned = assignShards(weights, of);
  return items.filter((_, place) => assigned[place] === index - 1);
}

function headerOf<Item extends Input, Entry>(
  { items, settings, show }: ManyRun<Item, Entry>,
  { index, of }: Shard,
): ShardHeader {
  return {
    lutrace_shard: SHARD_FORMAT,
    build: buildId(),
    settings: { ...settings },
    show,
    shard: index,
    of,
    items: items.length,
    list: listDigest(items),
  };
}
