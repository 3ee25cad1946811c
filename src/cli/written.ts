/** What commands that write traces say at their end. */

import { printable } from "../replay/printable.js";
import type { Written } from "../replay/writer.js";
import { counted } from "../report/number-text.js";
import type { CliIo } from "./io.js";

/** `output` is the path that was written, `-` for stdout. */
export async function tellWritten(written: Written, output: string, io: CliIo): Promise<void> {
  if (!written.whole) {
    await io.err.write("stopped: nobody reads any more; only the start of the trace was written\n");
    return;
  }
  const where = output === "-" ? "" : ` to ${printable(output)}`;
  await io.err.write(`wrote ${counted(written.events, "event")}${where}\n`);
}
