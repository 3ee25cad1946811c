/** What `lutrace ops` does. */

import { counted } from "../../report/number-text.js";
import { type OpFacts, operations } from "../../report/operations.js";
import { renderTable } from "../../report/table.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { Format } from "../options.js";

const MODELLED_COLUMNS = 30;
const TEXT_COLUMNS = 44;
const SOURCE_COLUMNS = 44;

export interface OpsArgs {
  readonly "not-full": boolean;
  readonly format: Format;
}

export async function ops(args: OpsArgs, io: CliIo): Promise<ExitStatus> {
  const list = operations().filter((op) => !args["not-full"] || op.support !== "full");
  if (args.format === "json") {
    await writeJson(io.out, { version: 1, operations: list });
    return EXIT.ok;
  }
  const columns = [
    { title: "operation" },
    { title: "descriptor" },
    { title: "modelled", width_columns: MODELLED_COLUMNS },
    { title: "taken from the trace", width_columns: TEXT_COLUMNS },
    { title: "source", width_columns: SOURCE_COLUMNS },
  ];
  const rows = list.map((op) => [
    op.op,
    op.descriptor,
    supportText(op),
    adoptsText(op),
    op.source ?? "",
  ]);
  const table = renderTable(columns, rows, styleFor(io));
  await io.out.write(`${table}\n\n${counted(list.length, "operation")}\n`);
  return EXIT.ok;
}

function supportText({ support, missing }: OpFacts): string {
  return missing === undefined ? support : `${support}: ${missing}`;
}

function adoptsText({ adopts }: OpFacts): string {
  return Object.entries(adopts)
    .map(([field, why]) => `${field}: ${why}`)
    .join("\n");
}
