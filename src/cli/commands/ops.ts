import { counted } from "../../report/number-text.js";
import { type OpFacts, operations } from "../../report/operations.js";
import { renderTable } from "../../report/table.js";
import { defineCommand } from "../command.js";
import { EXIT } from "../exit-status.js";
import { styleFor, writeJson } from "../io.js";
import { formatOption } from "../options.js";

const TEXT_COLUMNS = 44;

export const ops = defineCommand({
  positionals: "",
  description: `Lists the ioctl operations of the emulated kernel: how much of each is modelled, and which
outputs are taken from the trace because nothing in a trace decides them, with the reason.`,
  build: (yargs) =>
    formatOption(yargs)
      .option("not-full", {
        type: "boolean",
        default: false,
        describe: "Only operations that are modelled in part or not at all",
      })
      .example("$0 ops --not-full", "Where lutrace knows less than the kernel"),
  run: async (args, io) => {
    const list = operations().filter((op) => !args["not-full"] || op.support !== "full");
    if (args.format === "json") {
      await writeJson(io.out, { version: 1, operations: list });
      return EXIT.ok;
    }
    const columns = [
      { title: "operation" },
      { title: "descriptor" },
      { title: "modelled" },
      { title: "taken from the trace", width_columns: TEXT_COLUMNS },
    ];
    const rows = list.map((op) => [op.op, op.descriptor, supportText(op), adoptsText(op)]);
    const table = renderTable(columns, rows, styleFor(io));
    await io.out.write(`${table}\n\n${counted(list.length, "operation")}\n`);
    return EXIT.ok;
  },
});

function supportText({ support, missing }: OpFacts): string {
  return missing === undefined ? support : `${support}: ${missing}`;
}

function adoptsText({ adopts }: OpFacts): string {
  return Object.entries(adopts)
    .map(([field, why]) => `${field}: ${why}`)
    .join("\n");
}
