/** Makes the graph again that `encodeGraph` wrote. */

import { deserialize } from "node:v8";
import { assert } from "../../engine/assert.js";
import { ByteSource } from "./byte-sink.js";
import type { GraphTables, Surroundings } from "./graph-format.js";
import * as format from "./graph-format.js";
import { type ObjectMaker, objectMaker } from "./object-maker.js";

const SIZE_BYTES = 4;

/**
 * The root of a stored graph. The bytes must be whole and from this version of the program: whoever
 * reads them from outside makes sure of that first.
 */
export function decodeGraph(bytes: Buffer, surroundings: Surroundings): object {
  return new Decoder(bytes, surroundings).decode();
}

class Decoder {
  private readonly tables: GraphTables;
  private readonly kinds: ByteSource;
  private readonly contents: ByteSource;
  private readonly makers: readonly ObjectMaker[];
  private readonly statics: readonly object[];
  private readonly buffers: readonly ArrayBuffer[];
  private readonly objects: object[] = [];
  /** The kind of each object. */
  private readonly kindOf: number[] = [];
  private readonly nextValue = (): unknown => this.value();

  constructor(bytes: Buffer, { classes, statics }: Surroundings) {
    const kinds_at = SIZE_BYTES + bytes.readUInt32LE(0);
    const tables = deserialize(bytes.subarray(SIZE_BYTES, kinds_at)) as GraphTables;
    const contents_at = kinds_at + tables.kinds_bytes;
    let buffer_at = contents_at + tables.contents_bytes;
    this.tables = tables;
    this.kinds = new ByteSource(bytes.subarray(kinds_at, contents_at));
    this.contents = new ByteSource(bytes.subarray(contents_at, buffer_at));
    this.makers = tables.shapes.map((shape) => objectMaker(shape, classes));
    this.statics = tables.statics.map((name) => at(statics.get(name), name));
    this.buffers = tables.buffers.map(({ length_bytes }) => {
      const buffer = new ArrayBuffer(length_bytes);
      new Uint8Array(buffer).set(bytes.subarray(buffer_at, buffer_at + length_bytes));
      buffer_at += length_bytes;
      return buffer;
    });
  }

  decode(): object {
    for (let index = 0; index < this.tables.objects; index++) {
      const kind = this.kinds.varint();
      this.kindOf.push(kind);
      this.objects.push(this.make(kind));
    }
    for (let index = 0; index < this.objects.length; index++) this.fill(index);
    assert(this.kinds.isAtEnd && this.contents.isAtEnd, "a stored graph has parts left over");
    return at(this.objects[0], "root");
  }

  /** An object of its kind, still empty; what cannot be changed later has its contents at once. */
  private make(kind: number): object {
    const { kinds } = this;
    switch (kind) {
      case format.ARRAY:
        return [];
      case format.MAP:
        return new Map();
      case format.SET:
        return new Set();
      case format.STATIC:
        return at(this.statics[kinds.varint()], "static");
      case format.BUFFER:
        return at(this.buffers[kinds.varint()], "buffer");
      case format.VIEW:
        return this.makeView(kinds.varint(), kinds.varint());
      default:
        return at(this.makers[kind - format.FIRST_SHAPE], "shape").make();
    }
  }

  private makeView(type: number, buffer_number: number): object {
    const buffer = at(this.buffers[buffer_number], "buffer");
    const { start } = at(this.tables.buffers[buffer_number], "buffer");
    const offset = this.kinds.varint() - start;
    const length_bytes = this.kinds.varint();
    if (type === format.NODE_BUFFER) return Buffer.from(buffer, offset, length_bytes);
    const { View, element_bytes } = at(format.VIEW_TYPES[type], "typed array");
    return new View(buffer, offset, length_bytes / element_bytes);
  }

  private fill(index: number): void {
    const thing = this.objects[index];
    const kind = this.kindOf[index] ?? 0;
    if (kind >= format.FIRST_SHAPE) {
      this.makers[kind - format.FIRST_SHAPE]?.fill(thing as object, this.nextValue);
      return;
    }
    if (kind > format.SET) return;
    const count = this.contents.varint();
    if (thing instanceof Map) {
      for (let entry = 0; entry < count; entry++) {
        const key = this.value();
        thing.set(key, this.value());
      }
    } else if (thing instanceof Set) {
      for (let entry = 0; entry < count; entry++) thing.add(this.value());
    } else {
      const list = thing as unknown[];
      for (let entry = 0; entry < count; entry++) list.push(this.value());
    }
  }

  private value(): unknown {
    const { contents } = this;
    const tag = contents.byte();
    switch (tag) {
      case format.UNDEFINED:
        return undefined;
      case format.NULL:
        return null;
      case format.FALSE:
        return false;
      case format.TRUE:
        return true;
      case format.INTEGER:
        return contents.varint();
      case format.NEGATIVE:
        return -contents.varint();
      case format.DOUBLE:
        return contents.double();
      case format.SMALL_BIGINT:
        return BigInt(contents.varint());
      case format.U64:
        return contents.u64();
      case format.OTHER_BIGINT:
        return BigInt(at(this.tables.texts[contents.varint()], "bigint"));
      case format.TEXT:
        return at(this.tables.texts[contents.varint()], "text");
      default:
        assert(tag === format.OBJECT, `a stored graph has a value with tag ${tag}`);
        return at(this.objects[contents.varint()], "object");
    }
  }
}

function at<T>(thing: T | undefined, what: string): T {
  assert(thing !== undefined, `a stored graph names a ${what} that is not there`);
  return thing;
}
