/**
 * Events straight from the bytes of a line, for lines in the form that our writer writes. It is an
 * optimisation and nothing else: for any other line it gives undefined, and the slow way
 * (decode.ts) takes the line or says what is wrong with it. A property test proves that both give
 * the same events.
 */

import type * as z from "zod";
import { EVENT_SCHEMAS, type Event, type EventType, IOCTL_SCHEMAS } from "../engine/event/index.js";
import { nested } from "../engine/event/nested.js";
import {
  type FastDecoder,
  fastDecoder,
  fastObject,
  setFastDecoder,
} from "./decode-fast-compile.js";
import { fastNested } from "./decode-fast-nested.js";
import { type Cursor, fastLiteral, fastText, NOT_FAST } from "./decode-fast-scalars.js";
import { ioctlKeys, plainKeys } from "./encode.js";

setFastDecoder(nested, fastNested);

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const SEQ = '{"seq":';
const TYPE = ',"type":';
const LETTER_N = 0x6e;
const IOCTL = '"ioctl","op":';

const plain = new Map<string, FastDecoder>();
const structs = new Map<string, FastDecoder>();

/**
 * The event at the cursor; the cursor stands behind it then. Undefined when the line is not in the
 * plain form; the cursor may stand anywhere then. What follows is for the caller to look at.
 */
export function fastEvent(cursor: Cursor): Event | undefined {
  const start = cursor.at;
  const decode = decoderAt(cursor);
  if (decode === undefined) return undefined;
  cursor.at = start;
  const event = decode(cursor);
  return event === NOT_FAST ? undefined : (event as Event);
}

/** Looks at type and op, which come first. */
function decoderAt(cursor: Cursor): FastDecoder | undefined {
  if (fastLiteral(cursor, SEQ, true) === NOT_FAST) return undefined;
  const { bytes } = cursor;
  for (let digit = bytes[cursor.at]; isDigit(digit); digit = bytes[++cursor.at]);
  if (fastLiteral(cursor, TYPE, true) === NOT_FAST) return undefined;
  const is_ioctl = fastLiteral(cursor, IOCTL, true) === true;
  const name = fastText(cursor);
  if (name === NOT_FAST) return undefined;
  return is_ioctl ? ioctlDecoder(cursor, name) : plainDecoder(name);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9;
}

function plainDecoder(type: string): FastDecoder | undefined {
  let decoder = plain.get(type);
  if (decoder === undefined && Object.hasOwn(EVENT_SCHEMAS, type)) {
    const { shape } = EVENT_SCHEMAS[type as Exclude<EventType, "ioctl">];
    decoder = fastObject(shape, plainKeys(shape));
    plain.set(type, decoder);
  }
  return decoder;
}

let frame: FastDecoder | undefined;

/** All ioctls have one frame, so that one function soon is fast; only their structs differ. */
function ioctlDecoder(cursor: Cursor, op: string): FastDecoder | undefined {
  const schema = IOCTL_SCHEMAS.get(op);
  if (schema === undefined) return undefined;
  const { shape } = schema;
  let struct = structs.get(op);
  if (struct === undefined) {
    struct = fastDecoder((shape as { out: z.ZodOptional }).out.unwrap());
    structs.set(op, struct);
  }
  cursor.struct = struct;
  frame ??= fastObject(shape, ioctlKeys(shape), {
    op: fastText,
    in: (at) => (at.bytes[at.at] === LETTER_N ? fastLiteral(at, "null", null) : structAt(at)),
    out: structAt,
  });
  return frame;
}

function structAt(cursor: Cursor): unknown {
  return cursor.struct === undefined ? NOT_FAST : cursor.struct(cursor);
}
