import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../../src/replay/printable.js";

describe("printable", () => {
  test.each([
    ["colours", "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
    ["a link", "\x1b]8;;http://x\x07y", "\\x1b]8;;http://x\\x07y"],
    ["the clipboard", "\x1b]52;c;aGk=\x9c", "\\x1b]52;c;aGk=\\x9c"],
    ["C1 controls", "\u009b2J", "\\x9b2J"],
    ["overwriting", "good\rbad\b", "good\\rbad\\x08"],
    ["line ends", "a\nb\tc", "a\\nb\\tc"],
    ["line separators", "a\u2028b\u2029", "a\\u2028b\\u2029"],
    ["bidi overrides", "\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"],
    ["no width", "a\u200bb\ufeff\u00ad", "a\\u200bb\\ufeff\\xad"],
    ["tags", "\u{e0041}", "\\u{e0041}"],
    ["half a surrogate pair", "\ud800x\udc00", "\\ud800x\\udc00"],
    ["NUL and DEL", "\0\x7f", "\\x00\\x7f"],
  ])("%s", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test.each(["vm-1", "café", "日本語", "😀", 'quote " and \\ back', ""])("%s stays", (text) => {
    expect(printable(text)).toBe(text);
  });

  test("leaves nothing behind that acts, and is done after once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = printable(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
        expect(printable(shown)).toBe(shown);
      }),
      { numRuns: 1000 },
    );
  });
});
