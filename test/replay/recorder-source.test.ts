/** Captures of the recorder: their order, their kernel, and what cannot be read of them. */

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TraceError } from "../../src/replay/trace-error.js";
import { errorOf, fileOf, readAll, readPiped } from "./trace-file.js";

const CAPTURES = join(import.meta.dirname, "..", "fixtures", "captures");
const capture = (name: string): string => join(CAPTURES, `${name}.ndjson.gz`);

const line = (seq: number, ev: string, rest: object = {}): string =>
  JSON.stringify({ seq, ts: seq * 10, ts_end: seq * 10 + 5, pid: 7, tid: 7, ev, ...rest });
const close = (seq: number, rest: object = {}): string =>
  line(seq, "close", { fd: seq % 90, ret: 0, errno: 0, ...rest });
const boot = (cmdline: string, number = 1): string =>
  JSON.stringify({ ev: "boot", boot: number, boot_id: "b", kernel: "7.3.4", cmdline });
const mark = (seq: number): string =>
  line(seq, "ioctl", {
    fd: 3,
    cmd: "0x3b96",
    arg: "0x1000",
    in: null,
    out: null,
    ret: -1,
    errno: 14,
  });

describe("the kernel of a capture", () => {
  test.each([
    ["luo_kexec_simple", "luo73"],
    ["fdpass", "luo73"],
    ["vfio_fuzz_part", "luo73"],
    ["kexec_test", "p1v5"],
    ["uapi_test", "p1v5"],
    ["hazard_punch", "p1v5"],
    ["rfc2_selftest", "p2"],
  ])("%s: %s", async (name, profile) => {
    const { source } = await readAll(capture(name));
    expect(source.format).toBe("recorder");
    expect(source.header.profile).toBe(profile);
    expect(source.header.source).toEqual({
      how: "import",
      name: "recorder",
      file: `${name}.ndjson.gz`,
    });
  });

  test("is told by its requests where the command line does not say", async () => {
    const filler = Array.from({ length: 20_000 }, (_, seq) => close(seq));
    const contents = [boot("kho=on"), ...filler, mark(20_000), ""].join("\n");
    expect((await readPiped([contents])).source.header.profile).toBe("p1v5");
    const without = [boot("kho=on"), ...filler, ""].join("\n");
    expect((await readPiped([without])).source.header.profile).toBe("luo73");
  });

  test("gives its machine's facts to the header", async () => {
    const { source } = await readAll(capture("vfio_fuzz_part"));
    expect(source.header.machine?.page_size).toBe(4096);
    expect(source.header.machine?.devices?.some(({ bdf }) => bdf === "0000:00:02.0")).toBe(true);
  });
});

describe("the order of a capture", () => {
  const seqs = async (...lines: string[]) =>
    (await readPiped([lines.join("\n")])).events.map(({ seq }) => seq);
  const fds = async (...lines: string[]) =>
    (await readPiped([lines.join("\n")])).events.map((event) =>
      event.type === "close" ? event.fd : event.type,
    );

  test("is that of seq", async () => {
    expect(await seqs(close(0), close(2), close(1), close(5))).toEqual([0, 1, 2, 5]);
  });

  test("counts on over kernels", async () => {
    const lines = [boot("a"), close(0), close(4), boot("a", 2), close(0), close(3)];
    expect(await seqs(...lines)).toEqual([0, 1, 5, 6, 7, 10]);
  });

  test("is that of the clock where two programs counted for themselves", async () => {
    const first = [close(0, { fd: 1, ts_end: 10 }), close(1, { fd: 2, ts_end: 40 })];
    const second = [close(0, { fd: 3, ts_end: 20 }), close(1, { fd: 4, ts_end: 30 })];
    expect(await fds(...first, ...second)).toEqual([1, 3, 4, 2]);
    expect(await seqs(...first, ...second)).toEqual([0, 1, 2, 3]);
  });

  test("is that of the clock when a program is started again much later", async () => {
    const run = (from_ns: number) =>
      Array.from({ length: 5000 }, (_, seq) => close(seq, { ts_end: from_ns + seq }));
    const numbers = await seqs(...run(0), ...run(100_000));
    expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, seq) => seq));
  });

  test("has children before their parent learns of their end", async () => {
    const { events } = await readAll(capture("uapi_test"));
    const ended = new Map<number, number>();
    for (const event of events) {
      if (event.type === "exit") ended.set(event.pid, event.seq);
      if (event.type !== "wait" || event.child === undefined || event.signal !== undefined)
        continue;
      expect(ended.get(event.child)).toBeLessThan(event.seq);
    }
    expect(ended.size).toBeGreaterThan(10);
  });
});

describe("what cannot be read", () => {
  test("lines that were broken in two are counted", async () => {
    const { source } = await readAll(capture("hazard_punch"));
    expect(source.skipped).toEqual(new Map([["unreadable line", 4]]));
  });

  test.each(["", "garbage", '{"seq":1', "[]", '{"seq":1,"pid":7}'])(
    "%j is counted",
    async (bad) => {
      const { source, events } = await readPiped([[close(0), bad, close(1), ""].join("\n")]);
      expect(events).toHaveLength(2);
      expect(source.skipped).toEqual(new Map([["unreadable line", 1]]));
    },
  );

  test("the first lines may be broken", async () => {
    const { source, events } = await readPiped(["\u0000\u0001\n", '"}\n', `${close(0)}\n`]);
    expect(events).toHaveLength(1);
    expect(source.skipped.get("unreadable line")).toBe(2);
  });

  test("nothing but broken lines is an error", async () => {
    const error = await errorOf(readPiped([`{"seq":1,"ev":"clo\n${"x\n".repeat(100)}`]));
    expect(error.message).toContain("neither a lutrace trace nor a capture");
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("ev %s", async (ev) => {
    const { source, events } = await readPiped([[close(0), line(1, ev), ""].join("\n")]);
    expect(events).toHaveLength(1);
    expect(source.skipped.get(ev)).toBe(1);
  });

  test.each([
    ["a number that is none", { fd: "x" }, "field fd: expected an integer"],
    ["a number that is lost", { fd: 2 ** 60 }, "field fd: expected an integer"],
    ["a fraction", { fd: 1.5 }, "field fd: expected an integer"],
    ["an errno that Linux does not use", { ret: -1, errno: 9999 }, "9999 is no errno"],
  ])("%s is an error with its place", async (_, rest, message) => {
    const path = fileOf([close(0), close(1, rest), ""].join("\n"));
    const error = await errorOf(readAll(path));
    expect(error).toBeInstanceOf(TraceError);
    expect(error.message).toContain(`${path}, line 2: `);
    expect(error.message).toContain(message);
  });
});
