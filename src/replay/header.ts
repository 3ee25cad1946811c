/** The first line of a native trace: which format, which kernel or design, which machine. */

import * as z from "zod";
import { machineFacts } from "../engine/event/machine.js";
import { processRole } from "../engine/event/process.js";
import { PROFILES, type ProfileId } from "../engine/profile/index.js";

/** The format version this program writes, and the newest it reads. */
export const FORMAT_VERSION = 1;

/** How the trace came to be. */
const origin = z.strictObject({
  /** `import`: converted from another format; `generator`: made by a program from a seed. */
  how: z.enum(["recorder", "import", "generator", "hand"]),
  /** Name of the recorder, importer or generator. */
  name: z.string().optional(),
  /** Name of the file it was converted from, without its folder. */
  file: z.string().optional(),
  /** Seed of a generator: with its name it gives the same trace again. */
  seed: z.string().optional(),
});

export const HEADER = z.strictObject({
  /** Format version. */
  lutrace: z.literal(FORMAT_VERSION),
  /** Which kernel or design the calls are judged by; absent: the reader's default. */
  profile: z.enum(Object.keys(PROFILES) as [ProfileId, ...ProfileId[]]).optional(),
  source: origin.optional(),
  /** Facts of the machine that hold from the start. */
  machine: machineFacts.optional(),
  /** Number of the kernel the trace starts in, from 1. */
  boot: z.int().min(1).optional(),
  /** What processes are for, where it is known: by pid, in the kernel the trace starts in. */
  roles: z.record(z.string().regex(/^[0-9]{1,10}$/, "expected a pid"), processRole).optional(),
  /** The trace starts in the middle; `snapshot_fd` events say which descriptors were open. */
  snapshot: z.boolean().optional(),
  /** Names of memfds and sessions that may be lost on purpose. */
  disposable: z.array(z.string()).optional(),
});

export type TraceHeader = z.output<typeof HEADER>;
