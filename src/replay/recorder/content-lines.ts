/** Raw lines about what a program stored in memory (`cpu_write`) or found there (`ram`). */

import type { EventParts } from "./call-lines.js";
import {
  optionalNumber,
  optionalString,
  optionalU64,
  type RawLine,
  rawBytes,
  rawNumber,
} from "./raw-line.js";

/** The offset in a buffer that the program names by the key itself. */
const OFFSETS = ["memfd_off", "anon_off", "huge_off"] as const;

/**
 * @param fd The descriptor behind the line's offset, where the line does not name one.
 */
export function contentParts(line: RawLine, fd: number | undefined): EventParts {
  const data = rawBytes(line, "hex");
  const va = optionalU64(line, "va");
  const number = optionalNumber(line, "map_fd") ?? (va === undefined ? fd : undefined);
  const offset = OFFSETS.map((key) => optionalU64(line, key)).find((value) => value !== undefined);
  const buffer = optionalString(line, "buf");
  const common = {
    ...(va === undefined ? {} : { user_va: va }),
    ...(number === undefined ? {} : { fd: number }),
    ...(offset === undefined ? {} : { offset }),
    ...(buffer === undefined ? {} : { buffer }),
    length_bytes: rawNumber(line, "len"),
    ...(data === null ? {} : { data }),
  };
  if (line["ev"] === "ram") return { type: "memory_content", ...common } as EventParts;
  const sigbus = line["sigbus"] === true ? { sigbus: true } : {};
  return { type: "cpu_write", ...common, ...sigbus } as EventParts;
}
