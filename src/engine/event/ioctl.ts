/** The ioctl event: decoded fields by operation, from the struct layouts of the ABI tables. */

import * as z from "zod";
import type { StructValues } from "../abi/layout.js";
import { IOMMU_TEST_CMD, REQUESTS, UNKNOWN_REQUEST } from "../abi/requests.js";
import type { Errno } from "../errno.js";
import { type NestedBuffer, nested } from "./nested.js";
import { call, errno, fd, hexBytes, u32, u64 } from "./scalars.js";
import { structSchema } from "./struct.js";

export type { NestedBuffer } from "./nested.js";

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
