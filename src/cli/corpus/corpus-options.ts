import type { Argv } from "yargs";
import { formatOption } from "../options.js";

const FOLDER = "traces";

export function corpusOptions<T>(yargs: Argv<T>) {
  return formatOption(yargs)
    .positional("folder", {
      type: "string",
      default: FOLDER,
      describe: "Folder with X.ndjson or X.ndjson.gz and X.expect.json, or one trace",
    })
    .option("verbose", {
      type: "boolean",
      default: false,
      describe: "Name the traces that are as expected, too",
    });
}
