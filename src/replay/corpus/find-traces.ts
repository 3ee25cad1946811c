import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface CorpusTrace {
  /** Path of the trace, as it is printed. */
  readonly path: string;
  readonly expectation_path: string;
}

const TRACE = /\.ndjson(\.gz)?$/;
const EXPECTATION = /\.expect\.json$/;

export interface Corpus {
  /** In the order of their paths, whatever the file system gives. */
  readonly traces: readonly CorpusTrace[];
  /** Expectations whose trace is gone. */
  readonly orphans: readonly string[];
}

/** Finds the traces below a folder; a path that names a trace stands for itself. */
export async function findTraces(root: string): Promise<Corpus> {
  if ((await stat(root)).isFile()) return { traces: [corpusTrace(root)], orphans: [] };
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort(byCodeUnit);
  const traces = paths.filter((path) => TRACE.test(path)).map(corpusTrace);
  const expected = new Set(traces.map(({ expectation_path }) => expectation_path));
  const orphans = paths.filter((path) => EXPECTATION.test(path) && !expected.has(path));
  return { traces, orphans };
}

function corpusTrace(path: string): CorpusTrace {
  return { path, expectation_path: `${path.replace(TRACE, "")}.expect.json` };
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
