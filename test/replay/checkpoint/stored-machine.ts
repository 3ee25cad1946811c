/** A machine that went through a checkpoint. */

import { expect } from "vitest";
import type { Machine } from "../../../src/engine/machine.js";
import {
  packPicture,
  takePicture,
  unpackCheckpoint,
} from "../../../src/replay/checkpoint/checkpoint-file.js";
import { staticObjects } from "../../../src/replay/checkpoint/statics.js";
import { graphDifference } from "./graph-difference.js";

/** What is the same in every machine. */
export const STATICS = new Set(staticObjects().values());

const POINT = { offset_bytes: 1, line: 2, after_seq: 3, skipped: [] };

/** The machine, stored and restored: no object of it differs, whether it ever shows or not. */
export async function stored(machine: Machine): Promise<Machine> {
  const picture = takePicture({ machine, events: 1, last_seq: 3, point: POINT });
  if (picture === undefined) throw new Error("the machine is too large");
  const checkpoint = unpackCheckpoint(await packPicture(picture));
  if (checkpoint === undefined) throw new Error("the checkpoint is damaged");
  expect(graphDifference(machine, checkpoint.machine, STATICS)).toBeUndefined();
  return checkpoint.machine;
}
