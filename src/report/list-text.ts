/** Lists in running text. */

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[], link = "and"): string {
  const last = words.at(-1) ?? "";
  if (words.length < 2) return last;
  return `${words.slice(0, -1).join(", ")} ${link} ${last}`;
}

/** Breaks text at spaces into lines of at most so many columns, each indented. */
export function wrapped(text: string, indent: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && indent.length + longer.length > columns) {
      lines.push(indent + line);
      line = word;
    } else line = longer;
  }
  return [...lines, indent + line];
}

/** `a, b: text` for each text, with those together that say the same. */
export function sayings(
  said: readonly (readonly [who: string, text: string])[],
  indent: string,
  columns: number,
): string[] {
  const bySaying = new Map<string, Set<string>>();
  for (const [who, text] of said) bySaying.set(text, (bySaying.get(text) ?? new Set()).add(who));
  return [...bySaying].flatMap(([text, all]) =>
    wrapped(`${[...all].join(", ")}: ${text}`, indent, columns),
  );
}
