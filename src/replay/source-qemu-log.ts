/** The emulator's log of a capture's run: it tells what became of each DMA. */

import { access } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lineBlocks, linesOf } from "./lines.js";
import { QemuLog } from "./recorder/qemu-log.js";
import { openBytes } from "./source-bytes.js";

const CAPTURE_ENDING = /\.ndjson(\.gz)?$/;
const LOG_ENDINGS = ["qemu_trace.txt.gz", "qemu_trace.txt"];

/**
 * The log that lies beside a capture, if there is one: under the same name, or under the part of
 * the name before an underscore where one emulator ran several programs. A log of other programs
 * does no harm: it is only believed where it shows the very transfers of the capture.
 */
export async function qemuLogBeside(path: string): Promise<string | undefined> {
  if (!CAPTURE_ENDING.test(path)) return undefined;
  const name = basename(path).replace(CAPTURE_ENDING, "");
  const words = name.split("_");
  const shared = words.map((_, count) => `${words.slice(0, count).join("_")}_`).reverse();
  const prefixes = [`${name}.`, ...shared.filter((prefix) => prefix !== "_"), ""];
  for (const prefix of prefixes) {
    for (const ending of LOG_ENDINGS) {
      const log = join(dirname(path), `${prefix}${ending}`);
      if (await exists(log)) return log;
    }
  }
  return undefined;
}

/**
 * Reads a log. Memory grows with the DMA it tells of.
 *
 * @throws TraceError when it cannot be read.
 */
export async function readQemuLog(path: string): Promise<QemuLog> {
  const log = new QemuLog();
  const { chunks } = await openBytes(path, path, undefined);
  for await (const block of lineBlocks(chunks, { file: path })) {
    for (const { start, end } of linesOf(block)) log.push(block.bytes.toString("utf8", start, end));
  }
  return log;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
