/** Events as lines of the native format. The same event always gives the same bytes. */

import { assert } from "../engine/assert.js";
import type { Event, EventType, IoctlEvent } from "../engine/event/index.js";
import { EVENT_SCHEMAS, IOCTL_SCHEMAS } from "../engine/event/index.js";
import { nestedLayout, nestedText } from "./encode-nested.js";
import { type Encoder, objectEncoder } from "./encode-value.js";
import { HEADER, type TraceHeader } from "./header.js";

/** What says what the line is comes first, then the time, then the rest in the schema's order. */
const COMMON_KEYS = ["ts", "ts_end", "pid", "tid", "label"];
const FIRST_PLAIN_KEYS = ["seq", "type", ...COMMON_KEYS];
const FIRST_IOCTL_KEYS = ["seq", "type", "op", ...COMMON_KEYS];

/** The keys of an event in the order in which they are written. */
export function plainKeys(shape: object): readonly string[] {
  return ordered(FIRST_PLAIN_KEYS, shape);
}

/** The same for an ioctl. */
export function ioctlKeys(shape: object): readonly string[] {
  return ordered(FIRST_IOCTL_KEYS, shape);
}

function ordered(first: readonly string[], shape: object): readonly string[] {
  const names = Object.keys(shape);
  return [
    ...first.filter((name) => names.includes(name)),
    ...names.filter((name) => !first.includes(name)),
  ];
}

const plain = new Map<EventType, Encoder>();
const ioctls = new Map<string, Encoder>();
const encodeHeader = objectEncoder(HEADER.shape);

/** The line of an event, without the newline. */
export function eventLine(event: Event): string {
  return event.type === "ioctl" ? ioctlEncoder(event.op)(event) : plainEncoder(event.type)(event);
}

/** The first line of a trace, without the newline. */
export function headerLine(header: TraceHeader): string {
  return encodeHeader(header);
}

function plainEncoder(type: Exclude<EventType, "ioctl">): Encoder {
  let encoder = plain.get(type);
  if (encoder === undefined) {
    const { shape } = EVENT_SCHEMAS[type];
    encoder = objectEncoder(shape, plainKeys(shape));
    plain.set(type, encoder);
  }
  return encoder;
}

function ioctlEncoder(op: string): Encoder {
  let encoder = ioctls.get(op);
  if (encoder === undefined) {
    const schema = IOCTL_SCHEMAS.get(op);
    assert(schema !== undefined, `no operation ${op} in the ABI tables`);
    const { shape } = schema;
    encoder = withNested(objectEncoder(shape, ioctlKeys(shape), { mem: String }));
    ioctls.set(op, encoder);
  }
  return encoder;
}

/** The layout of a nested buffer depends on the whole event, so its text is made first. */
function withNested(encode: Encoder): Encoder {
  return (value) => {
    const event = value as IoctlEvent;
    if (event.mem === undefined) return encode(event);
    return encode({ ...event, mem: nestedText(event.mem, nestedLayout(event)) });
  };
}
