import { type Expectation, readExpectation } from "../../replay/corpus/expectation.js";
import { findTraces } from "../../replay/corpus/find-traces.js";
import { printable } from "../../replay/printable.js";
import { renderTable } from "../../report/table.js";
import { defineCommand } from "../command.js";
import { corpusOptions } from "../corpus/corpus-options.js";
import { EXIT } from "../exit-status.js";
import { styleFor, writeJson } from "../io.js";

export const corpusList = defineCommand({
  positionals: "[folder]",
  description: "Lists the traces of a corpus with what they are expected to give.",
  build: (yargs) => corpusOptions(yargs),
  run: async (args, io) => {
    const { traces } = await findTraces(args.folder);
    const expectations = await Promise.all(
      traces.map(({ expectation_path }) => readExpectation(expectation_path)),
    );
    const list = traces.map(({ path }, index) => ({ path, expected: expectations[index] }));
    if (args.format === "json") {
      const entries = list.map(({ path, expected }) => ({ path, expected: expected ?? null }));
      await writeJson(io.out, { version: 1, traces: entries });
      return EXIT.ok;
    }
    const columns = [
      { title: "trace" },
      { title: "calls", align: "right" as const },
      { title: "findings" },
    ];
    const rows = list.map(({ path, expected }) => [
      printable(path),
      String(expected?.calls?.total ?? "?"),
      findingsText(expected),
    ]);
    await io.out.write(`${renderTable(columns, rows, styleFor(io))}\n`);
    return EXIT.ok;
  },
});

function findingsText(expected: Expectation | undefined): string {
  if (expected === undefined) return "no expectation";
  const rules = [...new Set((expected.findings ?? []).map(({ rule }) => rule))];
  return rules.length === 0 ? "none" : rules.map(printable).join(" ");
}
