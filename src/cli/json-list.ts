/** A JSON document with one long list, written while the list grows. */

import type { Output } from "./io.js";
import { jsonText } from "./json-text.js";

/**
 * Writes the bytes that `writeJson` would write for `{...head, [list]: items, ...tail}`, without
 * holding the items.
 */
export class JsonListWriter {
  #items = 0;

  constructor(
    readonly output: Output,
    readonly head: Readonly<Record<string, unknown>>,
    readonly list: string,
  ) {}

  async add(item: unknown): Promise<void> {
    const text = indented(item, 4);
    await this.output.write(`${this.#items === 0 ? this.#start() : ","}\n    ${text}`);
    this.#items++;
  }

  /** Ends the document; members that are undefined are left out. */
  async end(tail: Readonly<Record<string, unknown>>): Promise<void> {
    const start = this.#items === 0 ? this.#start() : "\n  ";
    const members = Object.entries(tail).filter(([, value]) => value !== undefined);
    const rest = members.map(([key, value]) => `,\n  ${member(key, value)}`).join("");
    await this.output.write(`${start}]${rest}\n}\n`);
  }

  #start(): string {
    const members = Object.entries(this.head).map(([key, value]) => `  ${member(key, value)},\n`);
    return `{\n${members.join("")}  ${JSON.stringify(this.list)}: [`;
  }
}

function member(key: string, value: unknown): string {
  return `${JSON.stringify(key)}: ${indented(value, 2)}`;
}

/** Line breaks stand between values only: inside strings they are escaped. */
function indented(value: unknown, columns: number): string {
  return jsonText(value).replaceAll("\n", `\n${" ".repeat(columns)}`);
}
