/**
 * Makes text of a trace safe to show. A name in a trace is under somebody else's control: it must
 * not move the cursor, colour the screen, hide or reorder what stands beside it.
 */

/**
 * Control characters (C0 with newline and tab, DEL, C1), line and paragraph separators, characters
 * without width, bidi controls, tags, and surrogates without their other half.
 */
const UNSAFE = new RegExp(
  [
    "[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e]",
    "[\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]",
    "[\\u{e0000}-\\u{e007f}]",
    "[\\ud800-\\udfff]",
  ].join("|"),
  "gu",
);

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Escapes what a terminal or a log viewer would act on; other text stays as it is. The result is
 * one line. Costs O(length).
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? escaped(character));
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\u{${code.toString(16)}}`;
}
