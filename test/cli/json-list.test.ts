import fc from "fast-check";
import { expect, test } from "vitest";
import type { Output } from "../../src/cli/io.js";
import { JsonListWriter } from "../../src/cli/json-list.js";
import { jsonText } from "../../src/cli/json-text.js";

test("a document written piece by piece has the bytes of the whole", async () => {
  const items = fc.array(fc.jsonValue(), { maxLength: 5 });
  const tail = fc.dictionary(fc.stringMatching(/^t_[a-z]+$/), fc.jsonValue(), { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(items, tail, async (items, tail) => {
      let text = "";
      const output: Output = {
        isTerminal: false,
        columns: undefined,
        write: async (chunk) => {
          text += String(chunk);
        },
      };
      const document = new JsonListWriter(output, { version: 1 }, "list");
      for (const item of items) await document.add(item);
      await document.end({ ...tail, absent: undefined });
      expect(text).toBe(`${jsonText({ version: 1, list: items, ...tail })}\n`);
    }),
  );
});
