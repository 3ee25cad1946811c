/**
 * Chunks of a set of pages: one bit a page, and behind the bits how many of them are set. The
 * chunks of a set lie in one array; `base` says where in it one begins.
 */

/** Pages of one chunk. */
export const CHUNK_PAGES = 4096;
const WORD_BITS = 32;
const COUNT_AT = CHUNK_PAGES / WORD_BITS;
/** Words that a chunk takes up. */
export const CHUNK_WORDS = COUNT_AT + 1;
const ALL_BITS = 0xffff_ffff;

/** Sets every page of the chunk. */
export function fillChunk(words: Uint32Array, base: number): void {
  words.fill(ALL_BITS, base, base + COUNT_AT);
  words[base + COUNT_AT] = CHUNK_PAGES;
}

/** How many pages are set. */
export function countIn(words: Uint32Array, base: number): number {
  return words[base + COUNT_AT] ?? 0;
}

export function hasBit(words: Uint32Array, base: number, at: number): boolean {
  return (((words[base + (at >>> 5)] ?? 0) >>> (at & 31)) & 1) !== 0;
}

/** Sets one page of the chunk; false when it was set before. */
export function setBit(words: Uint32Array, base: number, at: number): boolean {
  const word = base + (at >>> 5);
  const bit = 1 << (at & 31);
  const old = words[word] ?? 0;
  if ((old & bit) !== 0) return false;
  words[word] = old | bit;
  words[base + COUNT_AT] = countIn(words, base) + 1;
  return true;
}

/** Sets pages `first..last` of the chunk; gives how many were not set before. */
export function setBits(words: Uint32Array, base: number, first: number, last: number): number {
  let added = 0;
  for (let word = first >>> 5; word <= last >>> 5; word++) {
    const old = words[base + word] ?? 0;
    const fresh = maskOf(word, first, last) & ~old;
    if (fresh === 0) continue;
    words[base + word] = old | fresh;
    added += bitsOf(fresh);
  }
  words[base + COUNT_AT] = countIn(words, base) + added;
  return added;
}

/** Clears pages `first..last` of the chunk; gives how many were set before. */
export function clearBits(words: Uint32Array, base: number, first: number, last: number): number {
  let removed = 0;
  for (let word = first >>> 5; word <= last >>> 5; word++) {
    const old = words[base + word] ?? 0;
    const gone = maskOf(word, first, last) & old;
    if (gone === 0) continue;
    words[base + word] = old & ~gone;
    removed += bitsOf(gone);
  }
  words[base + COUNT_AT] = countIn(words, base) - removed;
  return removed;
}

/** The first page from `from` on that is set, or not set; CHUNK_PAGES when there is none. */
export function nextBit(words: Uint32Array, base: number, from: number, set: boolean): number {
  for (let word = from >>> 5; word < COUNT_AT; word++) {
    const held = words[base + word] ?? 0;
    const bits = (set ? held : ~held) & maskOf(word, from, CHUNK_PAGES);
    if (bits !== 0) return word * WORD_BITS + (31 - Math.clz32(bits & -bits));
  }
  return CHUNK_PAGES;
}

/** The bits of a word that stand for pages `first..last` of the chunk. */
function maskOf(word: number, first: number, last: number): number {
  const start = word * WORD_BITS;
  const low = first <= start ? -1 : -1 << (first - start);
  const above = last - start;
  return above >= 31 ? low : low & ~(-2 << above);
}

/** How many bits of a word are set. */
function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return (((bits + (bits >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}
