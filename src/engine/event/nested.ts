/**
 * Nested buffers: memory that one field of an ioctl's struct points to. In memory it is bytes. In a
 * line it is a list of named structs where the ABI tables know the layout, else hex.
 */

import * as z from "zod";
import { encodeStruct, type StructLayout, type StructValues } from "../abi/layout.js";
import * as layouts from "../abi/nested.js";
import { hexBytes, u64 } from "./scalars.js";
import { structSchema } from "./struct.js";

/** A buffer that one field of the struct points to. */
export interface NestedBuffer {
  /** The field that holds the pointer. */
  readonly field: string;
  readonly addr: bigint;
  /** Length as the struct claims it. */
  readonly length_bytes: bigint;
  /** Contents before and after the call; null where the memory could not be read. */
  readonly in: Uint8Array | null;
  readonly out: Uint8Array | null;
}

/** The layouts a nested buffer can have, by name, in the order of their names. */
export const NESTED_LAYOUTS: ReadonlyMap<string, StructLayout> = new Map(
  Object.values(layouts)
    .map((layout: StructLayout) => [layout.name, layout] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** What a line says of a buffer's bytes: hex, or structs with the bytes that are left over. */
type Pieces = readonly (Uint8Array | StructValues)[];

interface NestedLine {
  readonly field: string;
  readonly addr: bigint;
  readonly length_bytes: bigint;
  readonly in: Uint8Array | Pieces | null;
  /** Absent: as before the call. */
  readonly out?: Uint8Array | Pieces | null | undefined;
}

/** The bytes of a list of structs; a piece that is bytes already stays as it is. */
export function bytesOfPieces(pieces: Pieces, layout: StructLayout): Uint8Array {
  const parts = pieces.map((piece) =>
    piece instanceof Uint8Array ? piece : encodeStruct(layout, piece, layout.length_bytes),
  );
  return new Uint8Array(Buffer.concat(parts));
}

function contents(value: Uint8Array | Pieces | null, layout?: StructLayout): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  return layout === undefined ? null : bytesOfPieces(value, layout);
}

const nestedBuffer = z.custom<NestedBuffer>();

/** The hex form, or the form with structs of one layout. */
function form<S extends z.ZodType>(
  struct: S,
  bytes: z.ZodType<Uint8Array | Pieces, unknown>,
  layout?: StructLayout,
) {
  const line = z.strictObject({
    field: z.string(),
    addr: u64,
    length_bytes: u64,
    struct,
    in: bytes.nullable(),
    out: bytes.nullable().optional(),
  });
  return z.codec(line, nestedBuffer, {
    decode: (value) => {
      const wire = value as unknown as NestedLine;
      const before = contents(wire.in, layout);
      return {
        field: wire.field,
        addr: wire.addr,
        length_bytes: wire.length_bytes,
        in: before,
        out: wire.out === undefined ? before : contents(wire.out, layout),
      };
    },
    encode: (value) => ({ ...value, struct: undefined }) as never,
  });
}

const structForms = [...NESTED_LAYOUTS].map(([name, layout]) =>
  form(z.literal(name), z.array(z.union([structSchema(layout), hexBytes])), layout),
);

/** One schema for the buffers of all operations, told apart by `struct`. */
export const nested = z.discriminatedUnion("struct", [
  form(z.literal("bytes").optional(), hexBytes),
  ...structForms,
]);
