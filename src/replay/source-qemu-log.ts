/** The emulator's log of a capture's run: it tells what became of each DMA. */

import { access } from "node:fs/promises";
import { lineBlocks, linesOf } from "./lines.js";
import { QemuLog } from "./recorder/qemu-log.js";
import { openBytes } from "./source-bytes.js";

const CAPTURE_ENDING = /\.ndjson(\.gz)?$/;
const LOG_ENDINGS = [".qemu_trace.txt.gz", ".qemu_trace.txt"];

/** The log that lies beside a capture under the same name, if there is one. */
export async function qemuLogBeside(path: string): Promise<string | undefined> {
  if (!CAPTURE_ENDING.test(path)) return undefined;
  for (const ending of LOG_ENDINGS) {
    const log = path.replace(CAPTURE_ENDING, ending);
    if (await exists(log)) return log;
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
