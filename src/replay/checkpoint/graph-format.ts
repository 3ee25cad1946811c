/**
 * How a graph of objects lies in bytes. Every object has a number, in the order in which the graph
 * is walked from its root, level by level. Three sections follow each other:
 *
 * - kinds: for each object what it is, so that all can be made before any is filled;
 * - contents: for each object its entries, as values;
 * - buffers: the bytes behind typed arrays.
 *
 * A value is a tag and what the tag asks for. Texts, shapes and names stand in tables of their own.
 */

export const UNDEFINED = 0;
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
/** A whole number of 31 bits, as it is or negated: varint. */
export const INTEGER = 4;
export const NEGATIVE = 5;
export const DOUBLE = 6;
/** A bigint below 2^31: varint. */
export const SMALL_BIGINT = 7;
export const U64 = 8;
/** Any other bigint: number of its text. */
export const OTHER_BIGINT = 9;
/** Number of the text. */
export const TEXT = 10;
/** Number of the object. */
export const OBJECT = 11;

/** Kinds of objects; from `FIRST_SHAPE` on the kind is a shape. */
export const ARRAY = 0;
export const MAP = 1;
export const SET = 2;
/** Something of the program itself: number of its name. */
export const STATIC = 3;
/** Number of the buffer. */
export const BUFFER = 4;
/** Number of its type, number of its buffer, first byte and length. */
export const VIEW = 5;
export const FIRST_SHAPE = 6;

/** The keys of some objects, and whose instances they are; no class: plain objects. */
export interface Shape {
  readonly class_name: string | undefined;
  readonly keys: readonly string[];
}

/** Where the used part of a buffer lay. */
export interface BufferPart {
  readonly start: number;
  readonly length_bytes: number;
}

export interface GraphTables {
  readonly objects: number;
  readonly texts: readonly string[];
  readonly statics: readonly string[];
  readonly shapes: readonly Shape[];
  readonly buffers: readonly BufferPart[];
  readonly kinds_bytes: number;
  readonly contents_bytes: number;
}

/** Any class of the engine, as far as its instances are stored. */
export interface StoredClass {
  readonly name: string;
  readonly prototype: object;
}

/** What stored objects are made of besides themselves. */
export interface Surroundings {
  /** Classes by name. */
  readonly classes: ReadonlyMap<string, StoredClass>;
  /** Objects and functions of the program, which are never stored, by name. */
  readonly statics: ReadonlyMap<string, object>;
}

interface ViewType {
  readonly View: new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;
  readonly element_bytes: number;
}

/** Typed arrays by number; the order is part of the format. */
export const VIEW_TYPES: readonly ViewType[] = [
  { View: Uint8Array, element_bytes: 1 },
  { View: Int8Array, element_bytes: 1 },
  { View: Uint8ClampedArray, element_bytes: 1 },
  { View: Uint16Array, element_bytes: 2 },
  { View: Int16Array, element_bytes: 2 },
  { View: Uint32Array, element_bytes: 4 },
  { View: Int32Array, element_bytes: 4 },
  { View: Float32Array, element_bytes: 4 },
  { View: Float64Array, element_bytes: 8 },
  { View: BigUint64Array, element_bytes: 8 },
  { View: BigInt64Array, element_bytes: 8 },
  { View: DataView, element_bytes: 1 },
];
/** Node's own kind of Uint8Array. */
export const NODE_BUFFER = VIEW_TYPES.length;
