/** Guards the shape of the house: sizes, names, who may import whom, what the engine may not do. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const MAX_LINES = 400;
const MEDIAN_LINES = 150;
const MAX_COLUMNS = 100;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

function sources(folder: string): SourceFile[] {
  const root = join(ROOT, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const text = readFileSync(join(root, name), "utf8");
      const path = relative(ROOT, join(root, name));
      return { path, text, lines: text.replace(/\n$/, "").split("\n") };
    });
}

const CODE = sources("src");
const ALL = [...CODE, ...sources("test"), ...sources("bench"), ...sources("scripts")];

/** Specifiers of static, side-effect and dynamic imports and re-exports. */
function importsOf(file: SourceFile): string[] {
  const pattern = /(?:from\s*|import\s*\(?\s*)"([^"]+)"/g;
  return [...file.text.matchAll(pattern)].map((match) => match[1] ?? "");
}

function offenders(files: readonly SourceFile[], wrong: (file: SourceFile) => boolean): string[] {
  return files.filter(wrong).map((file) => file.path);
}

describe("size", () => {
  test("no file is longer than 400 lines", () => {
    expect(offenders(ALL, (file) => file.lines.length > MAX_LINES)).toEqual([]);
  });

  test("the median file of src is under 150 lines", () => {
    const lengths = CODE.map((file) => file.lines.length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(MEDIAN_LINES);
  });

  test("no line is longer than 100 columns", () => {
    const long = ALL.flatMap((file) =>
      file.lines.flatMap((line, index) =>
        line.length > MAX_COLUMNS ? [`${file.path}:${index + 1}`] : [],
      ),
    );
    expect(long).toEqual([]);
  });
});

describe("names", () => {
  test("files are kebab-case", () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/;
    expect(offenders(ALL, (file) => !kebab.test(basename(file.path)))).toEqual([]);
  });

  test("exports have names", () => {
    expect(offenders(CODE, (file) => /^export default/m.test(file.text))).toEqual([]);
  });
});

/** Which rooms of src a room may look into, besides itself. The way is one way. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  replay: ["engine"],
  checkers: ["engine", "replay"],
  report: ["engine", "replay", "checkers"],
  cli: ["engine", "replay", "checkers", "report"],
};

/** The room of a path below src; files right in src are the library's surface. */
function roomOf(path: string): string {
  const parts = path.split("/");
  return parts.length > 2 ? (parts[1] ?? "") : "surface";
}

describe("who may import whom", () => {
  test("every room is known", () => {
    const rooms = new Set(CODE.map((file) => roomOf(file.path)));
    rooms.delete("surface");
    expect([...rooms].filter((room) => MAY_IMPORT[room] === undefined)).toEqual([]);
  });

  test("imports follow the one way through the house", () => {
    const wrong: string[] = [];
    for (const file of CODE) {
      const room = roomOf(file.path);
      if (room === "surface") continue;
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith(".")) continue;
        const target = relative(ROOT, join(ROOT, file.path, "..", specifier));
        const targetRoom = roomOf(target);
        if (targetRoom === room) continue;
        if (MAY_IMPORT[room]?.includes(targetRoom)) continue;
        wrong.push(`${file.path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("checkers take only types from replay", () => {
    const wrong = CODE.filter((file) => roomOf(file.path) === "checkers").flatMap((file) =>
      file.lines.filter(
        (line) => /from "\.\.(\/\.\.)*\/replay\//.test(line) && !line.startsWith("import type"),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

describe("what the engine and the checkers may not do", () => {
  const inner = CODE.filter((file) => ["engine", "checkers"].includes(roomOf(file.path)));

  test("no I/O, no processes, no threads", () => {
    const banned = /^node:(?!assert$|crypto$|util$)/;
    expect(offenders(inner, (file) => importsOf(file).some((name) => banned.test(name)))).toEqual(
      [],
    );
  });

  test("no clock and no randomness", () => {
    const banned = /\bDate\.now\b|\bnew Date\b|\bperformance\.now\b|\bMath\.random\b|\bhrtime\b/;
    expect(offenders(inner, (file) => banned.test(file.text))).toEqual([]);
  });
});

describe("what only the command line may do", () => {
  test("nothing else prints, exits or reads the environment", () => {
    const banned = /\bconsole\.|\bprocess\.(exit|stdout|stderr|env|argv)\b/;
    const others = CODE.filter((file) => roomOf(file.path) !== "cli");
    expect(offenders(others, (file) => banned.test(file.text))).toEqual([]);
  });
});

describe("what nothing may contain", () => {
  test("no escape from the type system", () => {
    const banned = /:\s*any\b|\bas any\b|@ts-ignore|@ts-expect-error|@ts-nocheck/;
    const self = "test/house/tidy.test.ts";
    expect(offenders(ALL, (file) => file.path !== self && banned.test(file.text))).toEqual([]);
  });

  test("no path outside the project", () => {
    const banned = ["..", "shared"].join("/");
    expect(offenders(ALL, (file) => file.text.includes(banned))).toEqual([]);
  });
});
