/** A chunk of a set of pages: one bit a page, and behind the bits how many of them are set. */

/** Pages of one chunk. */
export const CHUNK_PAGES = 4096;
const WORD_BITS = 32;
const WORDS = CHUNK_PAGES / WORD_BITS;
const ALL_BITS = 0xffff_ffff;

export type Chunk = Uint32Array;

export function newChunk(): Chunk {
  return new Uint32Array(WORDS + 1);
}

/** A chunk with every page set. */
export function fullChunk(): Chunk {
  const chunk = newChunk().fill(ALL_BITS);
  chunk[WORDS] = CHUNK_PAGES;
  return chunk;
}

/** How many pages are set. */
export function countIn(chunk: Chunk): number {
  return chunk[WORDS] ?? 0;
}

export function hasBit(chunk: Chunk, at: number): boolean {
  return (((chunk[at >>> 5] ?? 0) >>> (at & 31)) & 1) !== 0;
}

/** Sets pages `first..last` of the chunk; gives how many were not set before. */
export function setBits(chunk: Chunk, first: number, last: number): number {
  let added = 0;
  for (let word = first >>> 5; word <= last >>> 5; word++) {
    const old = chunk[word] ?? 0;
    const fresh = maskOf(word, first, last) & ~old;
    if (fresh === 0) continue;
    chunk[word] = old | fresh;
    added += bitsOf(fresh);
  }
  chunk[WORDS] = countIn(chunk) + added;
  return added;
}

/** Clears pages `first..last` of the chunk; gives how many were set before. */
export function clearBits(chunk: Chunk, first: number, last: number): number {
  let removed = 0;
  for (let word = first >>> 5; word <= last >>> 5; word++) {
    const old = chunk[word] ?? 0;
    const gone = maskOf(word, first, last) & old;
    if (gone === 0) continue;
    chunk[word] = old & ~gone;
    removed += bitsOf(gone);
  }
  chunk[WORDS] = countIn(chunk) - removed;
  return removed;
}

/** The first page from `from` on that is set, or not set; CHUNK_PAGES when there is none. */
export function nextBit(chunk: Chunk, from: number, set: boolean): number {
  for (let word = from >>> 5; word < WORDS; word++) {
    const bits = (set ? (chunk[word] ?? 0) : ~(chunk[word] ?? 0)) & maskOf(word, from, CHUNK_PAGES);
    if (bits !== 0) return word * WORD_BITS + (31 - Math.clz32(bits & -bits));
  }
  return CHUNK_PAGES;
}

/** The bits of a word that stand for pages `first..last` of the chunk. */
function maskOf(word: number, first: number, last: number): number {
  const base = word * WORD_BITS;
  const low = first <= base ? -1 : -1 << (first - base);
  const above = last - base;
  return above >= 31 ? low : low & ~(-2 << above);
}

/** How many bits of a word are set. */
function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return (((bits + (bits >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}
