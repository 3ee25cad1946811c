import { defineCommand } from "../command.js";
import { RESULT, traceOptions } from "../options.js";

export const importCommand = defineCommand({
  positionals: "<recording>",
  description: `Turns a recording into a native trace: one JSON object a line, a header first. \
The format of the recording is told by its contents. What has no meaning for \
the model is left out and counted by kind on stderr; the same recording always \
gives the same bytes.`,
  build: (yargs) =>
    traceOptions(yargs)
      .positional("recording", {
        type: "string",
        demandOption: true,
        describe: "Recording, gzip or not; - is stdin",
      })
      .option("output", {
        alias: "o",
        type: "string",
        group: RESULT,
        requiresArg: true,
        describe: "File to write (gzip if it ends in .gz); default: stdout",
      })
      .option("gzip", {
        type: "boolean",
        group: RESULT,
        describe: "Compress, whatever the file is called",
      })
      .example("$0 import rec.gz -o vm7.ndjson.gz", "A trace for the corpus")
      .example("$0 import - < capture.ndjson | head", "A look at what an importer makes of it"),
  run: async (args, io) => (await import("../actions/import.js")).importRecording(args, io),
});
