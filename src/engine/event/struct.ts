/** Schemas of C structs, from the layouts of the ABI tables. */

import * as z from "zod";
import type { Field, StructLayout, StructValues } from "../abi/layout.js";
import { byteText, gapBytes } from "./byte-text.js";
import { s32, u8, u16, u32, u64 } from "./scalars.js";

function fieldSchema(field: Field): z.ZodType {
  switch (field.kind) {
    case "u8":
      return u8;
    case "u16":
      return u16;
    case "u32":
      return u32;
    case "s32":
      return s32;
    case "u64":
      return u64;
    case "bytes":
      return byteText(field.length_bytes);
  }
}

/**
 * All fields of a layout by name, each optional: a struct that is shorter than the kernel's has no
 * value for the fields behind its end. `__gap_<offset>` is padding that is not zero.
 */
export function structSchema(layout: StructLayout): z.ZodType<StructValues, unknown> {
  const shape: Record<string, z.ZodType> = {};
  const fields = Object.entries(layout.fields).sort(([, a], [, b]) => a.offset - b.offset);
  let covered = 0;
  for (const [name, field] of fields) {
    if (field.offset > covered) shape[`__gap_${covered}`] = gapBytes.optional();
    shape[name] = fieldSchema(field).optional();
    covered = field.offset + field.length_bytes;
  }
  if (covered < layout.length_bytes) shape[`__gap_${covered}`] = gapBytes.optional();
  return z.strictObject(shape) as unknown as z.ZodType<StructValues, unknown>;
}
