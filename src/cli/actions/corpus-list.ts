/** What `lutrace corpus list` does. */

import { type Expectation, readExpectation } from "../../replay/corpus/expectation.js";
import { printable } from "../../replay/printable.js";
import { renderTable } from "../../report/table.js";
import { corpusItems } from "../corpus/corpus-items.js";
import type { CorpusArgs } from "../corpus/run-corpus.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";

interface Listed {
  readonly path: string;
  readonly expected: Expectation | undefined;
}

export async function corpusList(args: CorpusArgs, io: CliIo): Promise<ExitStatus> {
  const list: Listed[] = [];
  for (const { path, expectation_path } of await corpusItems(args.folder)) {
    if (expectation_path === undefined) continue;
    list.push({ path, expected: await readExpectation(expectation_path) });
  }
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
}

function findingsText(expected: Expectation | undefined): string {
  if (expected === undefined) return "no expectation";
  const rules = [...new Set((expected.findings ?? []).map(({ rule }) => rule))];
  return rules.length === 0 ? "none" : rules.map(printable).join(" ");
}
