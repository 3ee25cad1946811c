/**
 * Events straight from the bytes of a line, for lines in the form that our writer writes. It is an
 * optimisation and nothing else: for any other line it gives undefined, and the slow way
 * (decode.ts) takes the line or says what is wrong with it. A property test proves that both give
 * the same events.
 */

import type * as z from "zod";
import { EVENT_SCHEMAS, type Event, type EventType, IOCTL_SCHEMAS } from "../engine/event/index.js";
import { nested } from "../engine/event/nested.js";
import { compiledLiteral } from "./decode-fast-code.js";
import {
  type FastDecoder,
  fastDecoder,
  fastObject,
  setFastDecoder,
} from "./decode-fast-compile.js";
import { fastNested } from "./decode-fast-nested.js";
import {
  type Cursor,
  fastInteger,
  fastLiteral,
  fastText,
  NOT_FAST,
} from "./decode-fast-scalars.js";
import { ioctlKeys, plainKeys } from "./encode.js";

setFastDecoder(nested, fastNested);

const LETTER_N = 0x6e;

const passesSeq = compiledLiteral('{"seq":');
const passesType = compiledLiteral(',"type":');
const passesIoctl = compiledLiteral('"ioctl","op":');

const plain = new Map<string, FastDecoder>();
const structs = new Map<string, FastDecoder>();

/**
 * The event at the cursor; the cursor stands behind it then. Undefined when the line is not in the
 * plain form; the cursor may stand anywhere then. What follows the event is the caller's to look
 * at.
 */
export function fastEvent(cursor: Cursor): Event | undefined {
  const decode = decoderAt(cursor);
  if (decode === undefined) return undefined;
  const event = decode(cursor);
  return event === NOT_FAST ? undefined : (event as Event);
}

/** Reads seq, type and op, which come first. */
function decoderAt(cursor: Cursor): FastDecoder | undefined {
  if (!passesSeq(cursor)) return undefined;
  const seq = fastInteger(cursor, 0, Number.MAX_SAFE_INTEGER);
  if (seq === NOT_FAST || !passesType(cursor)) return undefined;
  cursor.seq = seq;
  const is_ioctl = passesIoctl(cursor);
  const name = fastText(cursor);
  if (name === NOT_FAST) return undefined;
  if (is_ioctl) return ioctlDecoder(cursor, name);
  cursor.type = name;
  return plain.get(name) ?? newPlainDecoder(name);
}

function newPlainDecoder(type: string): FastDecoder | undefined {
  if (!Object.hasOwn(EVENT_SCHEMAS, type)) return undefined;
  const { shape } = EVENT_SCHEMAS[type as Exclude<EventType, "ioctl">];
  const decoder = fastObject(shape, plainKeys(shape), { taken: ["seq", "type"].length });
  plain.set(type, decoder);
  return decoder;
}

let frame: FastDecoder | undefined;

/** All ioctls have one frame, so that one function soon is fast; only their structs differ. */
function ioctlDecoder(cursor: Cursor, op: string): FastDecoder | undefined {
  const struct = structs.get(op) ?? newStructDecoder(op);
  if (struct === undefined) return undefined;
  cursor.type = "ioctl";
  cursor.op = op;
  cursor.struct = struct;
  return frame;
}

function newStructDecoder(op: string): FastDecoder | undefined {
  const schema = IOCTL_SCHEMAS.get(op);
  if (schema === undefined) return undefined;
  const { shape } = schema;
  const struct = fastDecoder((shape as { out: z.ZodOptional }).out.unwrap());
  structs.set(op, struct);
  frame ??= fastObject(shape, ioctlKeys(shape), {
    taken: ["seq", "type", "op"].length,
    special: {
      in: (at) => (at.bytes[at.at] === LETTER_N ? fastLiteral(at, "null", null) : structAt(at)),
      out: structAt,
    },
  });
  return struct;
}

function structAt(cursor: Cursor): unknown {
  return cursor.struct === undefined ? NOT_FAST : cursor.struct(cursor);
}
