/** What a capture's first lines say about its kernel: the header an import gets. */

import { basename } from "node:path";
import type { Event } from "../engine/event/index.js";
import type { ProfileId } from "../engine/profile/index.js";
import type { TraceHeader } from "./header.js";
import { FORMAT_VERSION } from "./header.js";
import { type LineBlock, linesOf, lineText } from "./lines.js";
import { recordsItsStores } from "./recorder/edu-facts.js";
import { RecorderImporter } from "./recorder/import.js";
import { programDevices } from "./recorder/program-facts.js";
import { TraceError } from "./trace-error.js";

/** MARK_PRESERVE and LU_RESTORE: requests that only a kernel with the series has. */
const SERIES_REQUESTS = ['"cmd":"0x3b96"', '"cmd":"0x3b97"'];
const RESTORE_PARAMETER = /\biommufd\.lab_restore=1\b/;
/** The recorder's runs of the series' kernel are named on its command line. */
const SERIES_RUN = /\blab\.run=/;

/** How far a capture is read ahead for its header: the facts of the machine come early. */
const LOOK_AHEAD_BYTES = 64 * 1024;
/** Where the command line leaves the kernel open, its requests may tell. */
const LOOK_AHEAD_BYTES_FOR_REQUESTS = 4 * 1024 * 1024;

/** The header of a capture, from the lines read ahead. */
export function captureHeader(blocks: readonly LineBlock[], path: string): TraceHeader {
  const boot = firstLine(blocks, "boot");
  const machine = machineOf(blocks);
  return {
    lutrace: FORMAT_VERSION,
    profile: profileOf(blocks, boot),
    source: {
      how: "import",
      name: "recorder",
      ...(path === "-" ? {} : { file: basename(path) }),
    },
    ...(machine === undefined ? {} : { machine }),
    ...(typeof boot?.["boot"] === "number" ? { boot: boot["boot"] } : {}),
  };
}

/** True when more lines may tell more about the capture's kernel or machine. */
export function wantsMore(blocks: readonly LineBlock[]): boolean {
  const length_bytes = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (length_bytes < LOOK_AHEAD_BYTES) return true;
  if (length_bytes >= LOOK_AHEAD_BYTES_FOR_REQUESTS) return false;
  const boot = firstLine(blocks, "boot");
  return boot !== undefined && profileOf(blocks, boot) === "luo73";
}

function profileOf(
  blocks: readonly LineBlock[],
  boot: Readonly<Record<string, unknown>> | undefined,
): ProfileId {
  if (boot === undefined) return "luo73";
  const cmdline = typeof boot["cmdline"] === "string" ? boot["cmdline"] : "";
  if (RESTORE_PARAMETER.test(cmdline)) return "p2";
  if (SERIES_RUN.test(cmdline)) return "p1v5";
  const marks = blocks.some(({ bytes }) =>
    SERIES_REQUESTS.some((request) => bytes.includes(request)),
  );
  return marks ? "p1v5" : "luo73";
}

/** The machine's facts as the importer understands the first line that states them. */
function machineOf(blocks: readonly LineBlock[]): TraceHeader["machine"] {
  const line = firstLine(blocks, "machine");
  if (line === undefined) {
    const start = firstLine(blocks, "start");
    if (start === undefined) return undefined;
    const devices = programDevices(start);
    if (devices.length > 0) return { devices };
    return recordsItsStores(start) ? { cpu_stores_recorded: true } : undefined;
  }
  try {
    const importer = new RecorderImporter("");
    const [first]: Event[] = [...importer.push(line, 1), ...importer.end()];
    return first?.type === "machine" ? first.facts : undefined;
  } catch (error) {
    // What is wrong with the line is reported with its place when it is read in its turn.
    if (error instanceof TraceError) return undefined;
    throw error;
  }
}

function firstLine(
  blocks: readonly LineBlock[],
  ev: string,
): Readonly<Record<string, unknown>> | undefined {
  const wanted = `"ev":"${ev}"`;
  for (const block of blocks) {
    if (!block.bytes.includes(wanted)) continue;
    for (const line of linesOf(block)) {
      if (!block.bytes.subarray(line.start, line.end).includes(wanted)) continue;
      const object = parsed(lineText(block, line, ""));
      if (object?.["ev"] === ev) return object;
    }
  }
  return undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
