/** Writing: deterministic, complete or not at all, and back again. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import { importFile } from "../../src/replay/import-trace.js";
import { openTrace } from "../../src/replay/source.js";
import { type TraceContents, writeTrace, writeTraceFile } from "../../src/replay/writer.js";
import { errorOf, fileOf, folderOf, native, readAll } from "./trace-file.js";

const CAPTURE = join(import.meta.dirname, "..", "fixtures", "captures", "fdpass.ndjson.gz");

const closes = (count: number): Event[] =>
  Array.from({ length: count }, (_, seq) => ({ seq, type: "close", pid: 7, fd: 3, ret: 0 }));

function trace(...batches: Event[][]): TraceContents {
  return { header: { lutrace: 1 }, batches: () => batches };
}

/** Collects what is written; slow readers take one chunk a tick. */
class Sink extends Writable {
  text = "";

  constructor() {
    super({ highWaterMark: 16 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    setImmediate(done);
  }
}

describe("writing", () => {
  test("gives header and lines, whatever the batches", async () => {
    const sink = new Sink();
    expect(
      await writeTrace(trace(closes(2), [{ ...closes(1)[0], seq: 2 } as Event]), sink),
    ).toEqual({
      events: 3,
      whole: true,
    });
    expect(sink.text).toBe(
      native(...[0, 1, 2].map((seq) => `{"seq":${seq},"type":"close","pid":7,"fd":3,"ret":0}`)),
    );
  });

  test("orders keys by the schema, not by the object", async () => {
    const sink = new Sink();
    await writeTrace(trace([{ ret: 0, fd: 3, pid: 7, type: "close", seq: 0 }]), sink);
    expect(sink.text).toBe(native('{"seq":0,"type":"close","pid":7,"fd":3,"ret":0}'));
  });

  test("refuses events that are out of order", async () => {
    const error = await errorOf(writeTrace(trace(closes(2), closes(1)), new Sink()));
    expect(error.message).toContain("event 0 comes after event 1");
  });

  test("ends quietly when the reader has enough", async () => {
    const gone = new Writable({
      write: (_chunk, _encoding, done) =>
        done(Object.assign(new Error("EPIPE"), { code: "EPIPE" })),
    });
    await expect(writeTrace(trace(closes(3)), gone)).resolves.toBeDefined();
  });

  test("reports a full disk", async () => {
    const full = new Writable({
      write: (_c, _encoding, done) => done(Object.assign(new Error("full"), { code: "ENOSPC" })),
    });
    expect((await errorOf(writeTrace(trace(closes(3)), full))).message).toBe("full");
  });
});

describe("a written file", () => {
  test("compressed: same events, same bytes, no time and no system in it", async () => {
    const folder = folderOf();
    const [first, second] = [join(folder, "a.gz"), join(folder, "b.gz")];
    await writeTraceFile(trace(closes(5000)), first, { gzip: true });
    await writeTraceFile(trace(...closes(5000).map((event) => [event])), second, { gzip: true });
    const bytes = readFileSync(first);
    expect(bytes.equals(readFileSync(second))).toBe(true);
    expect([...bytes.subarray(3, 10)]).toEqual([0, 0, 0, 0, 0, 2, 255]);
    expect(gunzipSync(bytes).toString().split("\n")).toHaveLength(5002);
  });

  test("appears when it is complete; after an error the old one stays", async () => {
    const folder = folderOf();
    const path = join(folder, "trace.ndjson");
    writeFileSync(path, "before");
    await errorOf(writeTraceFile(trace(closes(2), closes(1)), path));
    expect(readFileSync(path, "utf8")).toBe("before");
    expect(readdirSync(folder)).toEqual(["trace.ndjson"]);
    await writeTraceFile(trace(closes(2)), path);
    expect(readFileSync(path, "utf8")).toContain('"seq":1');
    expect(readdirSync(folder)).toEqual(["trace.ndjson"]);
  });

  test("in a folder that is not there is an error", async () => {
    const path = join(folderOf(), "none", "trace.ndjson");
    expect((await errorOf(writeTraceFile(trace(closes(1)), path))).message).toContain("ENOENT");
  });

  test("below a file is an error about the path that was named", async () => {
    const file = join(folderOf(), "file");
    writeFileSync(file, "");
    const path = join(file, "trace.ndjson");
    const error = await errorOf(writeTraceFile(trace(closes(1)), path));
    expect(error).toMatchObject({ code: "ENOTDIR", path });
  });
});

describe("importing", () => {
  test("a capture gives a native trace with the same events", async () => {
    const path = join(folderOf(), "out.ndjson.gz");
    const written = await importFile(CAPTURE, { path });
    const capture = await readAll(CAPTURE);
    const { source, events } = await readAll(path);
    expect(written.events).toBe(events.length);
    expect(source.format).toBe("native");
    expect(source.header).toEqual(capture.source.header);
    expect(events).toStrictEqual(capture.events);
  });

  test("again gives the same bytes", async () => {
    const folder = folderOf();
    const [once, twice] = [join(folder, "once.ndjson"), join(folder, "twice.ndjson")];
    await importFile(CAPTURE, { path: once });
    await importFile(once, { path: twice });
    expect(readFileSync(twice, "utf8")).toBe(readFileSync(once, "utf8"));
  });

  test("goes to a stream as well, and the profile can be set", async () => {
    const sink = new Sink();
    await importFile(CAPTURE, { stream: sink }, { profile: "seed" });
    expect(sink.text.split("\n")[0]).toContain('"profile":"seed"');
  });

  test("of a broken trace writes nothing", async () => {
    const path = join(folderOf(), "out.ndjson");
    await errorOf(importFile(fileOf(native("{")), { path }));
    expect(existsSync(path)).toBe(false);
  });

  test("keeps what the source left out", async () => {
    const contents = native('{"seq":1,"type":"hologram"}');
    const source = await openTrace(fileOf(contents), { lenient: true });
    await writeTrace(source, new Sink());
    expect([...source.skipped]).toEqual([["unknown event type hologram", 1]]);
  });
});
