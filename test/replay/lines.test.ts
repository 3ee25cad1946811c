import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LimitError } from "../../src/replay/limit-error.js";
import { lineBlocks, linesOf, lineText } from "../../src/replay/lines.js";
import { errorOf } from "./trace-file.js";

interface Read {
  readonly number: number;
  readonly text: string;
  readonly complete: boolean;
}

async function linesFrom(chunks: readonly Uint8Array[], line_bytes_max?: number): Promise<Read[]> {
  const lines: Read[] = [];
  for await (const block of lineBlocks(stream(chunks), { file: "f", line_bytes_max })) {
    for (const line of linesOf(block)) {
      const { complete } = block;
      lines.push({ number: line.number, text: lineText(block, line, "f"), complete });
    }
  }
  return lines;
}

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe("lines", () => {
  test("have their numbers, without line ends", async () => {
    expect(await linesFrom([bytes("a\r\n\nb\r\nc")])).toEqual([
      { number: 1, text: "a", complete: true },
      { number: 2, text: "", complete: true },
      { number: 3, text: "b", complete: true },
      { number: 4, text: "c", complete: false },
    ]);
  });

  test("a byte order mark belongs to no line, a later one to its line", async () => {
    const lines = await linesFrom([bytes("\ufeffa\n\ufeffb\n")]);
    expect(lines.map(({ text }) => text)).toEqual(["a", "\ufeffb"]);
  });

  test("are the same however the bytes arrive", async () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "\n", "\r", "€", "😀", "\0"),
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(60), { maxLength: 8 }), async (contents, cuts) => {
        const whole = bytes(contents);
        const at = [...cuts.map((cut) => Math.min(cut, whole.length)), 0, whole.length];
        at.sort((a, b) => a - b);
        const chunks = at.slice(1).map((end, index) => whole.subarray(at[index], end));
        const texts = (lines: Read[]) => lines.map(({ number, text: line }) => [number, line]);
        expect(texts(await linesFrom(chunks))).toEqual(texts(await linesFrom([whole])));
        const lines = (await linesFrom([whole])).map(({ text: line }) => line);
        const expected = contents.split("\n").map((line) => line.replace(/\r$/, ""));
        if (expected.at(-1) === "" && !contents.endsWith("\r")) expected.pop();
        expect(lines).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the limit of a line", () => {
  test.each([1, 3, 7, 100])("holds in chunks of %i bytes", async (chunk_bytes) => {
    const chunksOf = (text: string) => {
      const all = bytes(text);
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < all.length; at += chunk_bytes) {
        chunks.push(all.subarray(at, at + chunk_bytes));
      }
      return chunks;
    };
    const within = await linesFrom(chunksOf(`a\n${"b".repeat(10)}\nc`), 10);
    expect(within).toHaveLength(3);
    const error = await errorOf(linesFrom(chunksOf(`a\n${"b".repeat(11)}\nc`), 10));
    expect(error).toBeInstanceOf(LimitError);
    expect(error.message).toContain("f, line 2: the line is longer than the limit of 10 bytes");
  });

  test("bounds the memory that a line without end takes", async () => {
    const chunk = Buffer.alloc(1024 * 1024, 0x61);
    let taken = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken++;
        yield chunk;
      }
    }
    const read = async () => {
      for await (const _ of lineBlocks(endless(), { file: "f" })) expect(_).toBeDefined();
    };
    expect((await errorOf(read())).message).toContain("longer than the limit of 16777216 bytes");
    expect(taken).toBeLessThan(20);
  });
});
