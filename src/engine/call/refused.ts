import type { Errno } from "../errno.js";

/** Why a step is not possible: the errno and which check decided. */
export interface Refused {
  readonly errno: Errno;
  readonly why: string;
}
