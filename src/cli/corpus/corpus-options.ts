import type { Argv } from "yargs";
import { formatOption } from "../options.js";

const FOLDER = "traces";

/** Folders of a corpus: `[folder..]`, and how the result is shown. */
export function corpusOptions<T>(yargs: Argv<T>) {
  const given = formatOption(yargs)
    .positional("folder", {
      type: "string",
      default: FOLDER,
      describe: "Folder with X.ndjson or X.ndjson.gz and X.expect.json, a trace, or a pattern",
      coerce: (folders: string | readonly string[]) => [folders].flat(),
    })
    .option("verbose", {
      type: "boolean",
      default: false,
      describe: "Name the traces that are as expected, too",
    });
  return given;
}
