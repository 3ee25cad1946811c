/** One checkpoint as bytes: where it stands in the trace, and the machine there. */

import { promisify } from "node:util";
import { constants, crc32, deflateRaw, inflateRawSync } from "node:zlib";
import type { Machine } from "../../engine/machine.js";
import type { AnalysisProgress } from "../analysis.js";
import type { ResumePoint } from "../resume-point.js";
import { STORED_CLASSES } from "./classes.js";
import { decodeGraph } from "./decode-graph.js";
import { encodeGraph } from "./encode-graph.js";
import { staticObjects } from "./statics.js";

/** The machine at a place of a trace, with what was counted on the way. */
export interface Checkpoint extends AnalysisProgress {
  readonly point: ResumePoint;
}

type Facts = Omit<Checkpoint, "machine">;

const MAGIC = Buffer.from("lutrace checkpoint 1\n");
/** A checksum and the length of what follows once it is inflated, four bytes each. */
const HEAD_BYTES = MAGIC.length + 8;
/** No buffer holds more; a machine this large is not stored. */
const CONTENTS_BYTES_MAX = 0x7fff_ffff;

const deflate = promisify(deflateRaw);

/**
 * The picture of a machine, which may change afterwards; undefined for one that is too large.
 *
 * @throws AssertionError where the machine holds something that cannot be stored.
 */
export function takePicture({ machine, events, last_seq, point }: Checkpoint): Buffer | undefined {
  machine.forgetTransitions();
  const parts = encodeGraph([machine, { events, last_seq, point }], surroundings());
  const contents_bytes = parts.reduce((sum, { length }) => sum + length, 0);
  return contents_bytes > CONTENTS_BYTES_MAX ? undefined : Buffer.concat(parts);
}

/** The bytes of a file for a picture. */
export async function packPicture(picture: Buffer): Promise<Buffer> {
  const packed = await deflate(picture, { level: constants.Z_BEST_SPEED });
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(crc32(packed), MAGIC.length);
  head.writeUInt32LE(picture.length, MAGIC.length + 4);
  return Buffer.concat([head, packed]);
}

/** The checkpoint in a file; undefined for one that is damaged. */
export function unpackCheckpoint(bytes: Buffer): Checkpoint | undefined {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const packed = bytes.subarray(HEAD_BYTES);
  if (crc32(packed) !== bytes.readUInt32LE(MAGIC.length)) return undefined;
  const maxOutputLength = bytes.readUInt32LE(MAGIC.length + 4);
  const graph = inflateRawSync(packed, { maxOutputLength });
  const [machine, facts] = decodeGraph(graph, surroundings()) as [Machine, Facts];
  return { machine, ...facts };
}

function surroundings() {
  return { classes: STORED_CLASSES, statics: staticObjects() };
}
