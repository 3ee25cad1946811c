/** What `lutrace profiles` does. */

import { PROFILES } from "../../engine/profile/index.js";
import { renderTable } from "../../report/table.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { Format } from "../options.js";

export interface ProfilesArgs {
  readonly format: Format;
}

export async function profiles(args: ProfilesArgs, io: CliIo): Promise<ExitStatus> {
  const list = Object.values(PROFILES).map(({ id, title, source }) => ({ id, title, source }));
  if (args.format === "json") {
    await writeJson(io.out, { version: 1, profiles: list });
    return EXIT.ok;
  }
  const rows = list.map(({ id, title, source }) => [id, title, source]);
  const columns = [{ title: "profile" }, { title: "what it is" }, { title: "source" }];
  await io.out.write(`${renderTable(columns, rows, styleFor(io))}\n`);
  return EXIT.ok;
}
