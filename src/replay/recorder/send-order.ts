import { optionalNumber, type RawLine } from "./raw-line.js";

/** A line with its number in the native trace and the time at which its call completed. */
export interface TimedLine {
  readonly line: RawLine;
  readonly seq: number;
  /** Nanoseconds. */
  readonly time: number;
}

/**
 * Puts each `sendmsg` that carries descriptors before the `recvmsg` that may have got them. A line
 * is written after its call, so a receiver can be done with a message before the sender's line is
 * there; the start of the send tells how early it can have taken effect. Lines that change places
 * swap numbers, so the numbers stay ascending.
 */
export function sendsBeforeReceives<T extends TimedLine>(lines: readonly T[]): T[] {
  const ordered = [...lines];
  for (let at = 0; at < ordered.length; at++) {
    const send = ordered[at];
    if (send === undefined || !carriesDescriptors(send.line, "sendmsg")) continue;
    const place = earliestReceive(ordered, at, send);
    if (place < at) ordered.splice(place, 0, ...ordered.splice(at, 1));
  }
  return ordered.map((line, index) => ({ ...line, seq: lines[index]?.seq ?? line.seq }));
}

/** Index of the first receive of another process that completed after the send began. */
function earliestReceive(ordered: readonly TimedLine[], at: number, send: TimedLine): number {
  const start = optionalNumber(send.line, "ts") ?? send.time;
  let place = at;
  for (let index = at - 1; index >= 0; index--) {
    const earlier = ordered[index];
    if (earlier === undefined || earlier.time < start) break;
    if (earlier.line["pid"] === send.line["pid"]) break;
    if (carriesDescriptors(earlier.line, "recvmsg")) place = index;
  }
  return place;
}

function carriesDescriptors(line: RawLine, kind: "sendmsg" | "recvmsg"): boolean {
  if (line["ev"] !== kind) return false;
  const rights = line["scm_rights"];
  return Array.isArray(rights) && rights.length > 0;
}
