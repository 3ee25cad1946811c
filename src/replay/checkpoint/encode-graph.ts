/** Writes everything that can be reached from an object, except what belongs to the program. */

import { serialize } from "node:v8";
import { AssertionError } from "../../engine/assert.js";
import { ByteSink } from "./byte-sink.js";
import type { Shape, Surroundings } from "./graph-format.js";
import * as format from "./graph-format.js";
import { placeInGraph } from "./graph-path.js";
import { ShapeTable } from "./shape-table.js";

const INT31_MAX = 0x7fff_ffff;
const INT31_MAX_BIGINT = 0x7fff_ffffn;
const U64_MAX = (1n << 64n) - 1n;

/**
 * The graph of `root` as bytes; `decodeGraph` makes the same graph of them, in which the same
 * things are one object and none shares anything with the old one. Costs O(objects).
 *
 * @throws AssertionError for what cannot be stored (a function, an object of an unknown class),
 *   with the way to it.
 */
export function encodeGraph(root: object, surroundings: Surroundings): Buffer[] {
  return new Encoder(root, surroundings).encode();
}

/** A part of a buffer that typed arrays show. */
interface UsedPart {
  readonly number: number;
  start: number;
  end: number;
}

class Encoder {
  private readonly numbers = new Map<object, number>();
  private readonly objects: object[] = [];
  private readonly texts = new Map<string, number>();
  private readonly staticNames = new Map<object, string>();
  private readonly usedStatics = new Map<string, number>();
  private readonly shapes: ShapeTable;
  private readonly buffers = new Map<ArrayBufferLike, UsedPart>();
  private readonly kinds = new ByteSink();
  private readonly contents = new ByteSink();

  constructor(
    private readonly root: object,
    surroundings: Surroundings,
  ) {
    for (const [name, thing] of surroundings.statics) this.staticNames.set(thing, name);
    this.shapes = new ShapeTable(surroundings.classes.values());
    this.numberOf(root);
  }

  encode(): Buffer[] {
    const { objects } = this;
    for (let index = 0; index < objects.length; index++) this.object(objects[index] as object);
    const kinds = this.kinds.written();
    const contents = this.contents.written();
    const parts = [...this.buffers];
    const shapes: readonly Shape[] = this.shapes.list();
    const tables: format.GraphTables = {
      objects: objects.length,
      texts: [...this.texts.keys()],
      statics: [...this.usedStatics.keys()],
      shapes,
      buffers: parts.map(([, { start, end }]) => ({ start, length_bytes: end - start })),
      kinds_bytes: kinds.length,
      contents_bytes: contents.length,
    };
    const head = serialize(tables);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(head.length);
    const raw = parts.map(([buffer, { start, end }]) => Buffer.from(buffer, start, end - start));
    return [size, head, kinds, contents, ...raw];
  }

  private numberOf(thing: object): number {
    const known = this.numbers.get(thing);
    if (known !== undefined) return known;
    const number = this.objects.length;
    this.numbers.set(thing, number);
    this.objects.push(thing);
    return number;
  }

  private object(thing: object): void {
    const name = this.staticNames.get(thing);
    if (name !== undefined) {
      this.kinds.varint(format.STATIC);
      this.kinds.varint(numberIn(this.usedStatics, name));
    } else if (Array.isArray(thing)) {
      this.kinds.varint(format.ARRAY);
      this.contents.varint(thing.length);
      for (let index = 0; index < thing.length; index++) this.value(thing[index], thing);
    } else if (thing instanceof Map) {
      this.kinds.varint(format.MAP);
      this.contents.varint(thing.size);
      for (const [key, value] of thing) {
        this.value(key, thing);
        this.value(value, thing);
      }
    } else if (thing instanceof Set) {
      this.kinds.varint(format.SET);
      this.contents.varint(thing.size);
      for (const value of thing) this.value(value, thing);
    } else if (ArrayBuffer.isView(thing)) {
      this.bufferView(thing);
    } else if (thing instanceof ArrayBuffer) {
      this.kinds.varint(format.BUFFER);
      this.kinds.varint(this.usedBuffer(thing, 0, thing.byteLength));
    } else {
      this.fields(thing);
    }
  }

  private fields(thing: object): void {
    const shape = this.shapes.shapeOf(thing);
    if (shape === undefined) this.refuse(thing, "its class is not among the stored classes");
    this.kinds.varint(format.FIRST_SHAPE + shape);
    // This form of loop is the one that engines read objects of many shapes fastest with.
    for (const key in thing) this.value((thing as Record<string, unknown>)[key], thing);
  }

  private bufferView(view: ArrayBufferView): void {
    const type = format.VIEW_TYPES.findIndex(({ View }) => view instanceof View);
    if (type < 0) this.refuse(view, "it is no known typed array");
    const { buffer, byteOffset, byteLength } = view;
    this.kinds.varint(format.VIEW);
    this.kinds.varint(Buffer.isBuffer(view) ? format.NODE_BUFFER : type);
    this.kinds.varint(this.usedBuffer(buffer, byteOffset, byteOffset + byteLength));
    this.kinds.varint(byteOffset);
    this.kinds.varint(byteLength);
  }

  /** Number of a buffer. Of its bytes only those are stored that something shows. */
  private usedBuffer(buffer: ArrayBufferLike, first: number, end: number): number {
    // Typed arrays start at multiples of their elements, which are at most eight bytes long.
    const start = first - (first % 8);
    const used = this.buffers.get(buffer);
    if (used === undefined) {
      this.buffers.set(buffer, { number: this.buffers.size, start, end });
      return this.buffers.size - 1;
    }
    used.start = Math.min(used.start, start);
    used.end = Math.max(used.end, end);
    return used.number;
  }

  private value(value: unknown, holder: object): void {
    const { contents } = this;
    switch (typeof value) {
      case "number":
        this.number(value);
        return;
      case "bigint":
        this.bigint(value);
        return;
      case "object":
        if (value === null) {
          contents.byte(format.NULL);
          return;
        }
        contents.byte(format.OBJECT);
        contents.varint(this.numberOf(value));
        return;
      case "string":
        contents.byte(format.TEXT);
        contents.varint(numberIn(this.texts, value));
        return;
      case "boolean":
        contents.byte(value ? format.TRUE : format.FALSE);
        return;
      case "undefined":
        contents.byte(format.UNDEFINED);
        return;
      case "function":
        if (!this.staticNames.has(value)) this.refuse(value, "a function", holder);
        contents.byte(format.OBJECT);
        contents.varint(this.numberOf(value));
        return;
      default:
        this.refuse(value, "a symbol", holder);
    }
  }

  private number(value: number): void {
    const { contents } = this;
    if (
      Number.isInteger(value) &&
      value <= INT31_MAX &&
      value >= -INT31_MAX &&
      !isMinusZero(value)
    ) {
      contents.byte(value < 0 ? format.NEGATIVE : format.INTEGER);
      contents.varint(Math.abs(value));
    } else {
      contents.byte(format.DOUBLE);
      contents.double(value);
    }
  }

  private bigint(value: bigint): void {
    const { contents } = this;
    if (value < 0n || value > U64_MAX) {
      contents.byte(format.OTHER_BIGINT);
      contents.varint(numberIn(this.texts, value.toString()));
    } else if (value <= INT31_MAX_BIGINT) {
      contents.byte(format.SMALL_BIGINT);
      contents.varint(Number(value));
    } else {
      contents.byte(format.U64);
      contents.u64(value);
    }
  }

  private refuse(thing: unknown, why: string, holder?: object): never {
    const place = placeInGraph(this.root, holder ?? (thing as object), (other) =>
      this.staticNames.has(other),
    );
    throw new AssertionError(`${place} cannot be stored: ${why}`);
  }
}

function isMinusZero(value: number): boolean {
  return value === 0 && 1 / value < 0;
}

/** The number of a text in a table, which gets it where it is new. */
function numberIn(table: Map<string, number>, text: string): number {
  const known = table.get(text);
  if (known !== undefined) return known;
  table.set(text, table.size);
  return table.size - 1;
}
