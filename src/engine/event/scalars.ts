/**
 * Scalars of the trace format, as zod codecs: `decode` goes from the JSON of a line to the values
 * the engine uses, `encode` the other way. These schemas are the format's single source; the JSON
 * Schema in docs/ is generated from them.
 */

import * as z from "zod";
import { ERRNO_NUMBER, type Errno } from "../errno.js";

const U64_EXPECTED = 'expected a u64 as lower-case hex, such as "0x1000"';

/** u64 as "0x…": a JSON number loses bits above 2^53. */
export const u64 = z.codec(
  z.string(U64_EXPECTED).regex(/^0x[0-9a-f]{1,16}$/, U64_EXPECTED),
  z.bigint(),
  { decode: (text) => BigInt(text), encode: (value) => `0x${value.toString(16)}` },
);

/** Bytes as lower-case hex, two digits a byte. */
export const hexBytes = z.codec(
  z.string().regex(/^([0-9a-f]{2})*$/, "expected bytes as lower-case hex, two digits a byte"),
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  {
    decode: (text) => new Uint8Array(Buffer.from(text, "hex")),
    encode: (value) => Buffer.from(value).toString("hex"),
  },
);

export const u8 = z.int().min(0).max(0xff);
export const u16 = z.int().min(0).max(0xffff);
/** u32 as a JSON number. */
export const u32 = z.int().min(0).max(0xffff_ffff);
/** s32 as a JSON number. */
export const s32 = z.int().min(-0x8000_0000).max(0x7fff_ffff);
/** File descriptor argument; -1 means "none" where the call allows it. */
export const fd = s32;
/** Process id. */
export const pid = z.int().min(0).max(0x7fff_ffff);
/** Nanoseconds on the trace's clock. */
export const nanoseconds = z.int().min(0);
/** Errno by name. */
export const errno = z.enum(
  Object.keys(ERRNO_NUMBER) as [Errno, ...Errno[]],
  "expected an errno name such as EINVAL",
);

/** Keys every event may have. */
export const common = {
  /** Position in the trace; strictly increasing. Witnesses and divergences name it. */
  seq: z.int().min(0),
  /** Start and end of the call. An event that takes no time has only `ts`. */
  ts: nanoseconds.optional(),
  ts_end: nanoseconds.optional(),
  pid: pid.optional(),
  /** Thread id, where it differs from `pid`. */
  tid: pid.optional(),
  /** Name of the test, step or request this event belongs to; free text. */
  label: z.string().optional(),
};

/** Result of a call. Absent `ret`: not recorded, the engine's own outcome is taken. */
export const result = {
  ret: z.int().optional(),
  errno: errno.optional(),
  /** The call is known never to have returned (a reboot that jumped, a death inside). */
  never_returned: z.literal(true).optional(),
};

/** Keys of every call a process makes. */
export const call = { ...common, pid };
