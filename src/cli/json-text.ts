/**
 * What JSON leaves as it is and a terminal acts on: C1 controls, characters that reorder or hide
 * text, as in src/replay/printable.ts.
 */
const UNSAFE = new RegExp(
  [
    "[\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f]",
    "[\\ufeff\\ufff9-\\ufffb]",
    "[\\u{e0000}-\\u{e007f}]",
  ].join("|"),
  "gu",
);

/** JSON, or a piece of it, made safe to show; whoever parses it gets the very same value. */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, escaped);
}

/** A value as indented JSON that is safe to show. */
export function jsonText(value: unknown): string {
  return printableJson(JSON.stringify(value, null, 2));
}

function escaped(character: string): string {
  let text = "";
  for (let index = 0; index < character.length; index++) {
    text += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }
  return text;
}
