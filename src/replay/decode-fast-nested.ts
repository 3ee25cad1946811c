/** Nested buffers straight from the bytes of a line, as our writer writes them. */

import type { StructLayout, StructValues } from "../engine/abi/layout.js";
import { bytesOfPieces, NESTED_LAYOUTS, type NestedBuffer } from "../engine/event/nested.js";
import { structSchema } from "../engine/event/struct.js";
import { type FastDecoder, fastDecoder } from "./decode-fast-compile.js";
import {
  type Cursor,
  type Fast,
  fastBytes,
  fastLiteral,
  fastText,
  fastU64,
  NOT_FAST,
} from "./decode-fast-scalars.js";

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const LETTER_N = 0x6e;

/** The value of `mem`. */
export function fastNested(cursor: Cursor): Fast<NestedBuffer> {
  if (!passes(cursor, '{"field":')) return NOT_FAST;
  const field = fastText(cursor);
  if (field === NOT_FAST || !passes(cursor, ',"addr":')) return NOT_FAST;
  const addr = fastU64(cursor);
  if (addr === NOT_FAST || !passes(cursor, ',"length_bytes":')) return NOT_FAST;
  const length_bytes = fastU64(cursor);
  if (length_bytes === NOT_FAST) return NOT_FAST;
  const layout = layoutAt(cursor);
  if (layout === NOT_FAST || !passes(cursor, ',"in":')) return NOT_FAST;
  const before = contents(cursor, layout);
  if (before === NOT_FAST) return NOT_FAST;
  const after = passes(cursor, ',"out":') ? contents(cursor, layout) : before;
  if (after === NOT_FAST || !passes(cursor, "}")) return NOT_FAST;
  return { field, addr, length_bytes, in: before, out: after };
}

/** Moves behind `text` where it stands at the cursor. */
function passes(cursor: Cursor, text: string): boolean {
  return fastLiteral(cursor, text, true) === true;
}

/** The layout that `struct` names; undefined where there is no `struct`. */
function layoutAt(cursor: Cursor): Fast<StructLayout | undefined> {
  if (!passes(cursor, ',"struct":')) return undefined;
  const name = fastText(cursor);
  return name === NOT_FAST ? NOT_FAST : (NESTED_LAYOUTS.get(name) ?? NOT_FAST);
}

function contents(cursor: Cursor, layout: StructLayout | undefined): Fast<Uint8Array | null> {
  if (cursor.bytes[cursor.at] === LETTER_N) return fastLiteral(cursor, "null", null);
  return layout === undefined ? fastBytes(cursor) : structs(cursor, layout);
}

function structs(cursor: Cursor, layout: StructLayout): Fast<Uint8Array> {
  const { bytes } = cursor;
  if (bytes[cursor.at] !== OPEN_BRACKET) return NOT_FAST;
  cursor.at++;
  const pieces: (Uint8Array | StructValues)[] = [];
  if (bytes[cursor.at] === CLOSE_BRACKET) cursor.at++;
  else {
    const decode = structDecoder(layout);
    for (let next = COMMA; next !== CLOSE_BRACKET; ) {
      const piece = bytes[cursor.at] === OPEN_BRACE ? decode(cursor) : fastBytes(cursor);
      if (piece === NOT_FAST) return NOT_FAST;
      pieces.push(piece as Uint8Array | StructValues);
      next = bytes[cursor.at] ?? 0;
      if (next !== COMMA && next !== CLOSE_BRACKET) return NOT_FAST;
      cursor.at++;
    }
  }
  return bytesOfPieces(pieces, layout);
}

const decoders = new Map<StructLayout, FastDecoder>();

function structDecoder(layout: StructLayout): FastDecoder {
  let decoder = decoders.get(layout);
  if (decoder === undefined) {
    decoder = fastDecoder(structSchema(layout));
    decoders.set(layout, decoder);
  }
  return decoder;
}
