/** "Did you mean …?" for names of events, operations and fields. */

const FARTHEST = 4;
const LONGEST = 64;

/** The nearest of `known`, or undefined when nothing is near enough to be a typing error. */
export function nearestName(typed: string, known: Iterable<string>): string | undefined {
  if (typed.length > LONGEST) return undefined;
  let best: string | undefined;
  let best_distance = Math.min(FARTHEST, Math.ceil(typed.length / 3)) + 1;
  for (const word of known) {
    const distance = editDistance(typed.toLowerCase(), word.toLowerCase());
    if (distance < best_distance) {
      best = word;
      best_distance = distance;
    }
  }
  return best;
}

/** `did you mean X?`, or undefined. */
export function didYouMean(typed: string, known: Iterable<string>): string | undefined {
  const word = nearestName(typed, known);
  return word === undefined ? undefined : `did you mean ${word}?`;
}

/** Levenshtein distance; costs O(a · b). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
