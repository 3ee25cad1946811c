/** Opening traces: files and pipes, compressed or not, with limits, progress and an early end. */

import { execFileSync, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { LimitError } from "../../src/replay/limit-error.js";
import { openTrace } from "../../src/replay/source.js";
import { errorOf, fileOf, folderOf, native, readAll, readPiped } from "./trace-file.js";

const close = (seq: number): string => `{"seq":${seq},"type":"close","pid":7,"fd":${seq % 50}}`;
const many = (count: number): string =>
  native(...Array.from({ length: count }, (_, index) => close(index)));

describe("a trace", () => {
  const contents = many(3);
  const gz = gzipSync(contents);

  test.each([
    ["plain", contents],
    ["gzip", gz],
    [
      "gzip in two members",
      Buffer.concat([gzipSync(contents.slice(0, 40)), gzipSync(contents.slice(40))]),
    ],
    ["with a byte order mark", `\ufeff${contents}`],
    ["with CRLF line ends", contents.replaceAll("\n", "\r\n")],
    ["without its last newline", contents.trimEnd()],
  ])("%s", async (_, bytes) => {
    const from_file = await readAll(fileOf(bytes));
    const from_pipe = await readPiped([bytes]);
    const by_the_byte = await readPiped([...Buffer.from(bytes)].map((byte) => Uint8Array.of(byte)));
    for (const { source, events } of [from_file, from_pipe, by_the_byte]) {
      expect(source.format).toBe("native");
      expect(events.map(({ seq }) => seq)).toEqual([0, 1, 2]);
    }
  });

  test("is told by its contents, not by its name", async () => {
    expect((await readAll(fileOf(gz, "plain.ndjson"))).events).toHaveLength(3);
    expect((await readAll(fileOf(contents, "named.ndjson.gz"))).events).toHaveLength(3);
  });

  test("with a header only has no events", async () => {
    const { source, events } = await readAll(fileOf('{"lutrace":1,"profile":"seed"}'));
    expect(events).toEqual([]);
    expect(source.header).toEqual({ lutrace: 1, profile: "seed" });
  });

  test("gives the same events in batches", async () => {
    const source = await openTrace(fileOf(many(20_000)));
    let events = 0;
    for await (const batch of source.batches()) events += batch.length;
    expect(events).toBe(20_000);
  });

  test("can be taken once", async () => {
    const source = await openTrace(fileOf(contents));
    source.events();
    expect(() => source.batches()).toThrow("once");
    await source.close();
  });
});

describe("progress", () => {
  test("counts the bytes of the file as it lies there", async () => {
    const path = fileOf(gzipSync(many(50_000)));
    const { source } = await readAll(path);
    expect(source.bytes_total).toBe(source.bytes_read());
  });

  test("a pipe has no size", async () => {
    const { source } = await readPiped([many(3)]);
    expect(source.bytes_total).toBeUndefined();
    expect(source.bytes_read()).toBe(many(3).length);
  });

  test("a named pipe is read as it comes", async () => {
    const path = join(folderOf(), "pipe");
    execFileSync("mkfifo", [path]);
    const writer = spawn("sh", ["-c", `printf '%s\\n' '{"lutrace":1}' > ${path}`]);
    const { source, events } = await readAll(path);
    expect(events).toEqual([]);
    expect(source.bytes_total).toBeUndefined();
    writer.kill();
  });

  test("reading waits for whoever takes the events", async () => {
    const line = `${close(1)}\n`;
    let given = 0;
    function* endless() {
      yield Buffer.from(native());
      for (let seq = 0; ; seq += 1000) {
        given++;
        const lines = Array.from({ length: 1000 }, (_, n) => `${close(seq + n)}\n`);
        yield Buffer.from(lines.join(""));
      }
    }
    const stdin = Readable.from(endless(), { objectMode: false });
    const source = await openTrace("-", { stdin });
    const events = source.events();
    for (let count = 0; count < 5000; count++) await events.next();
    expect(given * 1000 * line.length).toBeLessThan(4 * 1024 * 1024);
    await events.return?.();
    expect(stdin.destroyed).toBe(true);
  });
});

describe("limits", () => {
  test("of events: what is before counts", async () => {
    const source = await openTrace(fileOf(many(10)), { events_max: 4 });
    const seqs: number[] = [];
    const read = async () => {
      for await (const { seq } of source.events()) seqs.push(seq);
    };
    const error = await errorOf(read());
    expect(error).toBeInstanceOf(LimitError);
    expect(error.message).toContain("the trace has more events than the limit of 4");
    expect(seqs).toEqual([0, 1, 2, 3]);
  });

  test("of events: exactly as many are no error", async () => {
    expect((await readAll(fileOf(many(4)), { events_max: 4 })).events).toHaveLength(4);
  });

  test("of a line", async () => {
    const error = await errorOf(readAll(fileOf(many(1)), { line_bytes_max: 20 }));
    expect(error).toBeInstanceOf(LimitError);
  });

  test("a line of 100 MB in bounded memory", { timeout: 60_000 }, async () => {
    const script = `
      import { openTrace } from "./src/replay/source.ts";
      const chunk = Buffer.alloc(1 << 20, 0x78);
      async function* long() {
        yield Buffer.from('{"lutrace":1}\\n{"seq":1,"type":"note","text":"');
        for (let n = 0; n < 100; n++) yield chunk;
        yield Buffer.from('"}\\n');
      }
      const { Readable } = await import("node:stream");
      const source = await openTrace("-", { stdin: Readable.from(long(), { objectMode: false }) });
      try {
        for await (const event of source.events()) console.log(event);
      } catch (error) {
        console.log(error.name, process.resourceUsage().maxRSS);
      }
    `;
    const output = await run(["--import", "tsx", "--input-type=module", "-e", script]);
    const [name, max_rss_kb] = output.trim().split(" ");
    expect(name).toBe("LimitError");
    expect(Number(max_rss_kb)).toBeLessThan(250 * 1024);
  });
});

/** Runs node in the repository; gives what it printed. */
function run(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: `${import.meta.dirname}/../..` });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on("close", () => resolve(output));
  });
}

describe("the file is let go of", () => {
  const open_files = (): number => readdirSync("/proc/self/fd").length;

  test.skipIf(process.platform !== "linux").each([
    ["at the end", async (path: string) => readAll(path)],
    ["at a bad line", async (path: string) => readAll(path).catch(() => {})],
    [
      "when the loop is left",
      async (path: string) => {
        for await (const event of (await openTrace(path)).events()) if (event.seq === 2) break;
      },
    ],
    ["when it is closed unread", async (path: string) => (await openTrace(path)).close()],
  ])("%s", async (when, read) => {
    const path = fileOf(when === "at a bad line" ? `${many(5)}{` : many(50_000));
    await read(path);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = open_files();
    for (let count = 0; count < 10; count++) await read(path);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(open_files()).toBeLessThan(before + 5);
  });
});
