/** What one page of memory holds, where it is neither zero nor unknown as a whole. */

/** Bytes of a page of contents: the unit in which memory is told apart, not the kernel's. */
export const CONTENT_PAGE_BYTES = 4096;
export const LAST_IN_PAGE = CONTENT_PAGE_BYTES - 1;

/** Bytes `first..last` of a page: stored ones, or ones that nobody knows. */
export interface PagePiece {
  readonly first: number;
  readonly last: number;
  /** Undefined: nobody knows them. */
  readonly bytes: Uint8Array | undefined;
  /** Where in `bytes` the piece begins. */
  readonly at: number;
}

/** Pieces that do not overlap, ascending, with zeros between them. Never changed in place. */
export type PagePieces = readonly PagePiece[];

/**
 * What a page holds: pieces; or a number, for a page of which nobody knows bytes `first..last` and
 * all else is zero. Stores whose bytes are not recorded leave many such pages.
 */
export type PageContents = PagePieces | number;

export const NO_PIECES: PagePieces = [];
export const ALL_UNKNOWN: PagePieces = [unknownPiece(0, LAST_IN_PAGE)];

export function unknownPiece(first: number, last: number): PagePiece {
  return { first, last, bytes: undefined, at: 0 };
}

/** A page of which nobody knows bytes `first..last`, and all else is zero. */
export function unknownPart(first: number, last: number): number {
  return first * CONTENT_PAGE_BYTES + last;
}

/** Whether that is so already for these bytes. */
export function isUnknownPart(contents: number, first: number, last: number): boolean {
  const known_last = contents % CONTENT_PAGE_BYTES;
  return last <= known_last && first >= (contents - known_last) / CONTENT_PAGE_BYTES;
}

export function piecesOf(contents: PageContents | undefined): PagePieces {
  if (contents === undefined) return NO_PIECES;
  if (typeof contents !== "number") return contents;
  const last = contents % CONTENT_PAGE_BYTES;
  return [unknownPiece((contents - last) / CONTENT_PAGE_BYTES, last)];
}

/** The page once bytes `first..last` hold `piece`, or zeros where there is none. */
export function replaceIn(
  pieces: PagePieces,
  first: number,
  last: number,
  piece: PagePiece | undefined,
): PagePieces {
  const changed: PagePiece[] = [];
  for (const old of pieces) {
    if (old.first < first) append(changed, { ...old, last: Math.min(old.last, first - 1) });
  }
  if (piece !== undefined) append(changed, piece);
  for (const old of pieces) {
    if (old.last <= last) continue;
    const start = Math.max(old.first, last + 1);
    append(changed, { ...old, first: start, at: old.at + (start - old.first) });
  }
  return changed;
}

/** Whether nobody knows any of bytes `first..last`. */
export function areUnknown(pieces: PagePieces, first: number, last: number): boolean {
  for (const piece of pieces) {
    if (piece.last >= first) return piece.first <= first && piece.last >= last && !piece.bytes;
  }
  return false;
}

/** Unknown pieces that touch become one. */
function append(pieces: PagePiece[], piece: PagePiece): void {
  const before = pieces[pieces.length - 1];
  if (
    before?.bytes === undefined &&
    piece.bytes === undefined &&
    before?.last === piece.first - 1
  ) {
    pieces[pieces.length - 1] = unknownPiece(before.first, piece.last);
  } else pieces.push(piece);
}
