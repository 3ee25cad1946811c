/** From what is on the command line to the traces to work on, in a stable order. */

import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { findTraces } from "../../replay/corpus/find-traces.js";
import { UsageError } from "../usage-error.js";
import { Gate } from "./gate.js";

export interface Input {
  /** As it is printed. */
  readonly path: string;
  /** A pipe, standard input and what is not there are no regular files. */
  readonly is_file: boolean;
  readonly size_bytes: number;
}

const STATS_AT_ONCE = 32;
const PATTERN = /[*?[\]{}]/;

/**
 * The traces that the words name: a path stands for itself, a folder for the traces below it
 * (`*.ndjson`, `*.ndjson.gz`), a pattern for what it matches. What a folder or a pattern finds
 * counts once; a path that is named twice counts twice.
 *
 * @throws UsageError for a folder or a pattern without traces.
 */
export async function expandInputs(words: readonly string[]): Promise<Input[]> {
  const paths: string[] = [];
  const seen = new Set<string>();
  const add = (path: string): void => {
    paths.push(path);
    seen.add(path);
  };
  for (const { path, is_found } of await expandPatterns(words)) {
    if (!is_found && !(await isFolder(path))) {
      add(path);
      continue;
    }
    const found = is_found ? [path] : await tracesBelow(path);
    for (const one of found) if (!seen.has(one)) add(one);
  }
  return await inputsOf(paths);
}

async function tracesBelow(folder: string): Promise<string[]> {
  const { traces } = await findTraces(folder);
  if (traces.length === 0) throw new UsageError(noTraces(folder));
  return traces.map(({ path }) => path);
}

/** What to say about a folder that holds nothing to work on. */
export function noTraces(folder: string): string {
  return `${folder} holds no traces (*.ndjson, *.ndjson.gz)`;
}

/** Paths with their sizes. */
export async function inputsOf(paths: readonly string[]): Promise<Input[]> {
  const gate = new Gate(STATS_AT_ONCE);
  return await Promise.all(paths.map((path) => gate.run(() => inputOf(path))));
}

export interface Word {
  readonly path: string;
  /** A pattern has found it; else somebody has written it. */
  readonly is_found: boolean;
}

/**
 * Replaces patterns by what they match. A path that exists is no pattern, whatever it contains.
 *
 * @throws UsageError for a pattern that matches nothing.
 */
export async function expandPatterns(words: readonly string[]): Promise<Word[]> {
  const found: Word[] = [];
  for (const word of words) {
    if (word === "-" || !PATTERN.test(word) || (await exists(word))) {
      found.push({ path: word, is_found: false });
      continue;
    }
    const paths = await matches(word);
    if (paths.length === 0) throw new UsageError(`no file matches ${word}`);
    found.push(...paths.map((path) => ({ path, is_found: true })));
  }
  return found;
}

async function matches(pattern: string): Promise<string[]> {
  // Loaded only here: usually the shell expands patterns.
  const { glob } = await import("tinyglobby");
  const paths = await glob(pattern, {
    absolute: isAbsolute(pattern),
    followSymbolicLinks: false,
    expandDirectories: false,
  });
  // In the order of code units, as folders are read.
  return paths.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

async function inputOf(path: string): Promise<Input> {
  if (path === "-") return { path, is_file: false, size_bytes: 0 };
  try {
    const facts = await stat(path);
    return { path, is_file: facts.isFile(), size_bytes: facts.isFile() ? facts.size : 0 };
  } catch {
    // Whoever opens it says why it cannot be read.
    return { path, is_file: false, size_bytes: 0 };
  }
}

async function isFolder(path: string): Promise<boolean> {
  if (path === "-") return false;
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** What opening a trace costs, in bytes that could be read meanwhile. */
const OPENING_BYTES = 16 * 1024;
/** How much of a trace comes out of its gzip, as a rule. */
const GZIP_RATIO = 10;

/** How much work a trace is, in bytes of text: for shards, and to see whether workers pay. */
export function weightOf({ path, size_bytes }: Input): number {
  return size_bytes * (path.endsWith(".gz") ? GZIP_RATIO : 1) + OPENING_BYTES;
}
