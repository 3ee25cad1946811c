/** The ioctl event: decoded fields by operation, from the struct layouts of the ABI tables. */

import * as z from "zod";
import { bytesOf, type Field, type StructLayout, type StructValues } from "../abi/layout.js";
import { IOMMU_TEST_CMD, REQUESTS, UNKNOWN_REQUEST } from "../abi/requests.js";
import type { Errno } from "../errno.js";
import { call, errno, fd, hexBytes, s32, u32, u64 } from "./scalars.js";

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

/** One ioctl call as the trace holds it. */
export interface IoctlEvent {
  readonly type: "ioctl";
  readonly seq: number;
  readonly ts?: number | undefined;
  readonly ts_end?: number | undefined;
  readonly pid: number;
  readonly tid?: number | undefined;
  readonly label?: string | undefined;
  readonly fd: number;
  /** Name of the operation as uapi has it, or UNKNOWN_REQUEST. */
  readonly op: string;
  /** The request number, where the op's name does not determine it. */
  readonly request?: number | undefined;
  /** The argument word: a pointer, or a value for ioctls that take one. */
  readonly arg?: bigint | undefined;
  /** Fields before the call; null where the struct could not be read. */
  readonly in?: StructValues | null | undefined;
  /** Bytes of the struct behind its last whole field. */
  readonly tail?: Uint8Array | undefined;
  readonly mem?: NestedBuffer | undefined;
  readonly ret?: number | undefined;
  readonly errno?: Errno | undefined;
  readonly never_returned?: true | undefined;
  /** Fields the call changed. */
  readonly out?: StructValues | undefined;
  /** `tail` after the call, where it changed. */
  readonly out_tail?: Uint8Array | undefined;
  /** The descriptor the kernel made, where the recorder saw one. */
  readonly newfd?: number | undefined;
}

/** Byte arrays read as text where they are text, else as {"hex": …}. */
const byteArray = z.codec(z.union([z.string(), z.strictObject({ hex: z.string() })]), z.string(), {
  decode: (wire) =>
    typeof wire === "string"
      ? Buffer.from(wire, "utf8").toString("latin1")
      : Buffer.from(wire.hex, "hex").toString("latin1"),
  encode: (value) => {
    const text = value.replace(/\0+$/, "");
    const utf8 = Buffer.from(bytesOf(text)).toString("utf8");
    const isText = !text.includes("\0") && Buffer.from(utf8, "utf8").toString("latin1") === text;
    return isText ? utf8 : { hex: Buffer.from(value, "latin1").toString("hex") };
  },
});

function fieldSchema(field: Field): z.ZodType {
  switch (field.kind) {
    case "u8":
      return z.int().min(0).max(0xff);
    case "u16":
      return z.int().min(0).max(0xffff);
    case "u32":
      return u32;
    case "s32":
      return s32;
    case "u64":
      return u64;
    case "bytes":
      return padded(field.length_bytes);
  }
}

/** A byte array of fixed length; the wire leaves trailing NULs out. */
function padded(length_bytes: number): z.ZodType {
  return z
    .codec(byteArray, z.string(), {
      decode: (value) => value.padEnd(length_bytes, "\0"),
      encode: (value) => value,
    })
    .refine((value) => value.length === length_bytes, `longer than ${length_bytes} bytes`);
}

function structSchema(layout: StructLayout): z.ZodType {
  const shape: Record<string, z.ZodType> = {};
  let covered = 0;
  for (const [name, field] of Object.entries(layout.fields)) {
    if (field.offset > covered) shape[`__gap_${covered}`] = byteArray.optional();
    shape[name] = fieldSchema(field).optional();
    covered = field.offset + field.length_bytes;
  }
  if (covered < layout.length_bytes) shape[`__gap_${covered}`] = byteArray.optional();
  return z.strictObject(shape);
}

const nested = z.strictObject({
  field: z.string(),
  addr: u64,
  length_bytes: u64,
  in: hexBytes.nullable(),
  out: hexBytes.nullable(),
});

function ioctlSchema(op: string, values: z.ZodType): z.ZodObject {
  return z.strictObject({
    ...call,
    type: z.literal("ioctl"),
    fd,
    op: z.literal(op),
    request: u32.optional(),
    arg: u64.optional(),
    in: values.nullable().optional(),
    tail: hexBytes.optional(),
    mem: nested.optional(),
    ret: z.int().optional(),
    errno: errno.optional(),
    never_returned: z.literal(true).optional(),
    out: values.optional(),
    out_tail: hexBytes.optional(),
    newfd: fd.optional(),
  });
}

/** One schema per operation, told apart by `op`. */
export const IOCTL_SCHEMAS: ReadonlyMap<string, z.ZodObject> = new Map([
  ...REQUESTS.map(
    (entry) => [entry.name, ioctlSchema(entry.name, structSchema(entry.layout))] as const,
  ),
  ...[UNKNOWN_REQUEST, IOMMU_TEST_CMD].map(
    (op) => [op, ioctlSchema(op, z.strictObject({ size: u32.optional() }))] as const,
  ),
]);
