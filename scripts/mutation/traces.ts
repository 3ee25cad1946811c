/** The clean traces that mutations are made of. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Event } from "../../src/engine/event/index.js";
import { decodeEvent, parseObject } from "../../src/replay/decode.js";
import { decodeHeader } from "../../src/replay/decode-header.js";
import { type Program, programOf } from "./program.js";

const ROOT = join(import.meta.dirname, "..", "..", "traces");

/** Names of the traces in a folder of the corpus, without their extension. */
export function traceNames(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ndjson(\.gz)?$/.test(name))
    .map((name) => `${folder}/${name.replace(/\.ndjson(\.gz)?$/, "")}`)
    .sort();
}

const PROGRAMS = new Map<string, Program>();

/** A trace of the corpus as a program; each is read once. */
export function readProgram(name: string): Program {
  const known = PROGRAMS.get(name);
  if (known !== undefined) return known;
  const program = programOf(readTrace(name));
  PROGRAMS.set(name, program);
  return program;
}

function readTrace(name: string) {
  const lines = readText(name)
    .split("\n")
    .filter((line) => line !== "");
  const header = decodeHeader(lines[0] ?? "", name);
  const events = lines.slice(1).map((line) => decodeEvent(parseObject(line)) as Event);
  return { name, header, events };
}

function readText(name: string): string {
  const path = join(ROOT, `${name}.ndjson`);
  try {
    return readFileSync(path, "utf8");
  } catch {
    return gunzipSync(readFileSync(`${path}.gz`)).toString("utf8");
  }
}
