import { nearestName } from "../replay/did-you-mean.js";

/** ` (did you mean X?)` to be appended to a message, or nothing. */
export function suggestion(typed: string, known: Iterable<string>): string {
  const word = nearestName(typed, known);
  return word === undefined ? "" : ` (did you mean ${word}?)`;
}
