/** Whatever is wrong with a trace, reading ends in one clear error with its place. */

import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { TraceError } from "../../src/replay/trace-error.js";
import { errorOf, fileOf, folderOf, native, readAll, readPiped } from "./trace-file.js";

const OPEN = '{"seq":1,"type":"open","pid":7,"path":"/dev/iommu","flags":2,"ret":3}';
const MAP =
  '{"seq":2,"type":"ioctl","op":"IOMMU_IOAS_MAP","pid":7,"fd":3,' +
  '"in":{"size":40,"flags":6,"ioas_id":1,"__reserved":0,"user_va":"0x1000","length":"0x1000",' +
  '"iova":"0x0"},"ret":0}';

/** The message, without the path, which differs from run to run. */
async function messageOf(contents: string | Uint8Array): Promise<string> {
  const path = fileOf(contents);
  const error = await errorOf(readAll(path));
  expect(error).toBeInstanceOf(TraceError);
  expect(error.message.startsWith(path)).toBe(true);
  return error.message.slice(path.length).replace(/^[,:] /, "");
}

describe("what cannot be opened", () => {
  const opened = async (path: string) => (await errorOf(readAll(path))).message;

  test("a file that is not there", async () => {
    expect(await opened("/nowhere/trace.ndjson")).toBe("/nowhere/trace.ndjson: no such file");
  });

  test("a folder", async () => {
    const folder = folderOf();
    expect(await opened(folder)).toContain("is a directory, expected a trace");
  });

  test("a path through a file", async () => {
    const path = join(fileOf(""), "trace.ndjson");
    expect(await opened(path)).toBe(`${path}: a part of the path is not a directory`);
  });

  test.skipIf(process.getuid?.() === 0)("a file that may not be read", async () => {
    const path = fileOf(native(OPEN));
    chmodSync(path, 0);
    expect(await opened(path)).toBe(`${path}: permission denied`);
  });

  test("a path with a NUL character", async () => {
    expect(await opened("a\0b")).toContain("the path holds a NUL character");
  });

  test("a folder named as a capture", async () => {
    const path = join(folderOf(), "capture.ndjson.gz");
    mkdirSync(path);
    expect(await opened(path)).toContain("is a directory");
  });
});

describe("what is no trace", () => {
  test.each([
    ["an empty file", "", "the file is empty"],
    ["an empty gzip file", gzipSync(""), "the file is empty"],
    ["only a byte order mark", "\ufeff", "the file is empty"],
    ["an empty line", "\n", "line 1: neither a lutrace trace nor"],
    ["prose", "hello\nworld\n", "line 1: neither a lutrace trace nor"],
    ["NUL bytes", "\0".repeat(100), "line 1: neither a lutrace trace nor"],
    ["another JSON", '{"a":1}\n', "line 1: neither a lutrace trace nor"],
    ["a JSON list", "[]\n", "line 1: neither a lutrace trace nor"],
    ["a trace without header", `${OPEN}\n`, "line 1: the header is missing"],
    ["zstd", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0), "compressed with zstd"],
    [
      "UTF-16",
      Buffer.from(`\ufeff${native(OPEN)}`, "utf16le"),
      "line 1: the line is not valid UTF-8 (the file looks like UTF-16",
    ],
    [
      "a program",
      Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0xff, 0xfe),
      "line 1: the line is not valid UTF-8 (it holds NUL bytes: a binary file is no trace)",
    ],
    ["Latin-1", Uint8Array.of(0x7b, 0x22, 0xe4, 0x22), "(was it cut, or edited with another"],
  ])("%s", async (_, contents, message) => {
    expect(await messageOf(contents)).toContain(message);
  });
});

describe("a header that is wrong", () => {
  test.each([
    ['{"lutrace":2}', "field lutrace: format version 2 is newer than this lutrace"],
    ['{"lutrace":0}', "field lutrace: expected format version 1, got 0"],
    ['{"lutrace":"1"}', 'field lutrace: expected format version 1, got "1"'],
    ['{"lutrace":1,"profil":"seed"}', "field profil: unknown field (did you mean profile?)"],
    ['{"lutrace":1,"profile":"sed"}', "(did you mean seed?)"],
    [
      '{"lutrace":1,"machine":{"page_size":"4096"}}',
      "field machine.page_size: expected an integer",
    ],
    ['{"lutrace":1,"roles":{"72":"boss"}}', "field roles.72"],
  ])("%s", async (line, message) => {
    const found = await messageOf(`${line}\n${OPEN}\n`);
    expect(found.startsWith("line 1: ")).toBe(true);
    expect(found).toContain(message);
  });
});

describe("a line that is wrong", () => {
  const cases: [string, string, string][] = [
    ["empty", "", "line 3: the line is empty (remove it)"],
    ["only blanks", "  ", "line 3: the line is empty"],
    ["no JSON", "{]", "line 3: the line is not JSON, at character 2"],
    ["a number", "7", "line 3: expected a JSON object, got 7"],
    ["a list", "[]", "line 3: expected a JSON object, got a list"],
    ["a second header", '{"lutrace":1}', "line 3: a second header"],
    ["no type", '{"seq":2}', "field type: is missing"],
    ["a type that is a number", '{"seq":2,"type":3}', "field type: expected a string, got 3"],
    [
      "an unknown type",
      MAP.replace('"ioctl"', '"ioctll"'),
      'unknown event type "ioctll" (did you mean ioctl?)',
    ],
    ["a type of Object", '{"seq":2,"type":"constructor"}', 'unknown event type "constructor"'],
    ["no op", '{"seq":2,"type":"ioctl"}', "field op: is missing"],
    ["an unknown op", MAP.replace("IOAS_MAP", "IOAS_MAPP"), "(did you mean IOMMU_IOAS_MAP?)"],
    [
      "an unknown field",
      MAP.replace('"fd"', '"fdd"'),
      "field fdd: unknown field (did you mean fd?)",
    ],
    [
      "an unknown struct field",
      MAP.replace('"iova":', '"iovaa":'),
      "field in.iovaa: unknown field (did you mean iova?)",
    ],
    [
      "a __proto__ key",
      MAP.replace('"fd"', '"__proto__":{"fd":1},"fd"'),
      "field __proto__: unknown field",
    ],
    [
      "a __proto__ key in a struct",
      MAP.replace('"size"', '"__proto__":{},"size"'),
      "field in.__proto__: unknown field",
    ],
    ["a missing field", MAP.replace('"fd":3,', ""), "field fd: is missing, expected an integer"],
    [
      "a u64 as a number",
      MAP.replace('"0x1000","length"', '4096,"length"'),
      'field in.user_va: expected a u64 as lower-case hex, such as "0x1000", got 4096',
    ],
    [
      "a u64 above 2^64",
      MAP.replace('"0x0"', '"0x10000000000000000"'),
      "field in.iova: expected a u64",
    ],
    ["a u64 in upper case", MAP.replace('"0x0"', '"0xA"'), "field in.iova: expected a u64"],
    ["a negative u64", MAP.replace('"0x0"', '"-0x1"'), "field in.iova: expected a u64"],
    [
      "a u32 above 2^32",
      MAP.replace('"flags":6', '"flags":4294967296'),
      "field in.flags: expected at most 4294967295",
    ],
    [
      "a fraction",
      MAP.replace('"flags":6', '"flags":6.5'),
      "field in.flags: expected an integer, got 6.5",
    ],
    ["1e400", MAP.replace('"flags":6', '"flags":1e400'), "field in.flags: expected"],
    [
      "a number above 2^53",
      MAP.replace('"seq":2', '"seq":9007199254740993'),
      "field seq: expected at most 9007199254740991",
    ],
    [
      "an unknown errno",
      MAP.replace('"ret":0', '"ret":-1,"errno":"EBUZY"'),
      "field errno: expected an errno name such as EINVAL",
    ],
    [
      "odd hex digits",
      MAP.replace('"ret":0', '"tail":"abc","ret":0'),
      "field tail: expected bytes as lower-case hex",
    ],
    [
      "a buffer of an unknown struct",
      withMem('"struct":"iommu_iova_rang","in":[]'),
      "field mem.struct: expected",
    ],
    [
      "a wrong piece of a buffer",
      withMem('"struct":"iommu_iova_range","in":[{"start":1}]'),
      'field mem.in[0].start: expected a u64 as lower-case hex, such as "0x1000", got 1',
    ],
    ["hex that is none in a buffer", withMem('"in":"0g"'), "field mem.in: expected bytes"],
    ["the same seq again", OPEN, "field seq: expected more than 1, got 1"],
    [
      "a negative length",
      '{"seq":2,"type":"dma","device":"d","iova":"0x0","length_bytes":-1,' +
        '"direction":"read","observed":"ok"}',
      "field length_bytes: expected at least 0, got -1",
    ],
    [
      "a name that is too long for its struct",
      session("x".repeat(65)),
      "field in.name: expected at most 64 bytes",
    ],
  ];

  test.each(cases)("%s", async (_, line, message) => {
    const found = await messageOf(`${native(OPEN)}${line}\n${MAP.replace('"seq":2', '"seq":9')}\n`);
    expect(found.startsWith("line 3: ")).toBe(true);
    expect(found).toContain(message);
  });

  test("events before the line are given", async () => {
    const source = readAll(fileOf(native(OPEN, MAP, "{")));
    expect((await errorOf(source)).message).toContain("line 4: the line is not JSON");
  });

  test("nothing in it reaches Object.prototype", async () => {
    await messageOf(native('{"seq":1,"__proto__":{"polluted":1},"type":"close","pid":1,"fd":1}'));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

function withMem(parts: string): string {
  const mem = `"mem":{"field":"data","addr":"0x0","length_bytes":"0x0",${parts}}`;
  return MAP.replace('"ret":0', `${mem},"ret":0`);
}

function session(name: string): string {
  const values = { size: 72, fd: 0, name };
  const event = { seq: 2, type: "ioctl", op: "LIVEUPDATE_IOCTL_CREATE_SESSION", pid: 7, fd: 3 };
  return JSON.stringify({ ...event, in: values });
}

describe("nesting", () => {
  const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  test.each([100, 10_000, 1_000_000])("%i levels", async (levels) => {
    const line = OPEN.replace('"ret":3', `"ret":${deep(levels)}`).replace('"seq":1', '"seq":2');
    expect(await messageOf(native(OPEN, line))).toMatch(
      /^line 3: (field ret: expected|nested too)/,
    );
  });

  test("only opening brackets", async () => {
    const line = `{"a":${"[".repeat(1_000_000)}`;
    expect(await messageOf(native(OPEN, line))).toContain("line 3: the line is not JSON");
  });
});

describe("bytes that are no text", () => {
  test.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong form", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["above the last code point", [0xf4, 0x90, 0x80, 0x80]],
    ["a cut sequence", [0xe2, 0x82]],
  ])("%s", async (_, wrong) => {
    const line = Buffer.concat([
      Buffer.from('{"seq":2,"type":"note","text":"'),
      Buffer.from(wrong),
      Buffer.from('"}\n'),
    ]);
    const contents = Buffer.concat([Buffer.from(native(OPEN)), line]);
    expect(await messageOf(contents)).toContain("line 3: the line is not valid UTF-8");
  });
});

describe("what was cut", () => {
  test("a last line", async () => {
    const contents = native(OPEN) + MAP.slice(0, 50);
    expect(await messageOf(contents)).toContain("line 3: the last line is cut");
    const { source, events } = await readAll(fileOf(contents), { lenient: true });
    expect(events).toHaveLength(1);
    expect([...source.skipped]).toEqual([["cut last line", 1]]);
  });

  test("only the last newline: nothing is lost", async () => {
    const { events } = await readAll(fileOf(native(OPEN, MAP).trimEnd()));
    expect(events).toHaveLength(2);
  });

  test("a trace at every byte", async () => {
    const whole = native(OPEN, MAP);
    for (let length = 1; length < whole.length; length++) {
      const outcome = await readPiped([whole.slice(0, length)]).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TraceError);
    }
  });

  test("a gzip stream at every byte", async () => {
    const whole = gzipSync(native(OPEN, MAP));
    for (let length = 1; length < whole.length; length++) {
      const error = await errorOf(readPiped([whole.subarray(0, length)]));
      expect(error).toBeInstanceOf(TraceError);
    }
    const error = await errorOf(readPiped([whole.subarray(0, 40)]));
    expect(error.message).toContain("the gzip stream ends early");
  });

  test("a long gzip stream: the error names the line it broke off in", async () => {
    const lines = Array.from({ length: 60_000 }, (_, n) => {
      const text = Math.sin(n).toString(36);
      return `{"seq":${n},"type":"note","text":"${text}"}`;
    });
    const whole = gzipSync(native(...lines));
    const error = await errorOf(readPiped([whole.subarray(0, whole.length - 1000)]));
    const line = Number(/line (\d+): the gzip stream ends early/.exec(error.message)?.[1]);
    expect(line).toBeGreaterThan(10_000);
    expect(line).toBeLessThan(60_000);
  });

  test("a gzip stream with a wrong byte anywhere", async () => {
    const whole = gzipSync(native(OPEN, MAP));
    for (let at = 0; at < whole.length; at++) {
      const wrong = Buffer.from(whole);
      wrong[at] = (wrong[at] ?? 0) ^ 0x10;
      const outcome = await readPiped([wrong]).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TraceError);
    }
  });
});

describe("lenient reading", () => {
  const lines = native(
    OPEN,
    '{"seq":2,"type":"hologram","x":1}',
    MAP.replace('"seq":2', '"seq":3').replace("IOAS_MAP", "IOAS_TELEPORT"),
    MAP.replace('"seq":2', '"seq":4,"colour":"red"').replace('"size"', '"hue":1,"size"'),
  );

  test("leaves out what is unknown and counts it", async () => {
    const { source, events } = await readAll(fileOf(lines), { lenient: true });
    expect(events.map(({ seq }) => seq)).toEqual([1, 4]);
    expect(source.skipped).toEqual(
      new Map([
        ["unknown event type hologram", 1],
        ["unknown operation IOMMU_IOAS_TELEPORT", 1],
        ["unknown field colour of IOMMU_IOAS_MAP", 1],
        ["unknown field in.hue of IOMMU_IOAS_MAP", 1],
      ]),
    );
  });

  test("still refuses a known field with a wrong value", async () => {
    const wrong = native(OPEN.replace('"flags":2', '"flags":"2","x":1'));
    const error = await errorOf(readAll(fileOf(wrong), { lenient: true }));
    expect(error.message).toContain("field flags: expected an integer");
  });

  test("leaves out unknown fields of the header", async () => {
    const { source } = await readAll(fileOf('{"lutrace":1,"mood":"good"}\n'), { lenient: true });
    expect([...source.skipped]).toEqual([["unknown field mood of the header", 1]]);
  });

  test("a __proto__ key is left out like any other", async () => {
    const line = OPEN.replace('"flags"', '"__proto__":{"ret":9},"flags"');
    const { events } = await readAll(fileOf(native(line)), { lenient: true });
    expect(events[0]).toEqual({
      seq: 1,
      type: "open",
      pid: 7,
      path: "/dev/iommu",
      flags: 2,
      ret: 3,
    });
  });

  test("the kinds that are told apart are bounded", async () => {
    const many = Array.from({ length: 3000 }, (_, n) => `{"seq":${n},"type":"t${n}"}`);
    const { source } = await readAll(fileOf(native(...many)), { lenient: true });
    expect(source.skipped.size).toBeLessThanOrEqual(1001);
    expect([...source.skipped.values()].reduce((sum, count) => sum + count, 0)).toBe(3000);
  });
});
