/** What memory holds, in a state document: the same text for the same bytes, however they came. */

import { Fnv1a64 } from "../../engine/memory/fnv1a.js";
import type { SparseBytes } from "../../engine/memory/sparse-bytes.js";
import { rangeText } from "./naming.js";
import type { StateObject } from "./state-value.js";

/**
 * `contents`: FNV-1a 64 over the bytes from 0 to the last one that is not zero, unknown ones taken
 * as zero; absent where everything is zero. `unknown`: the ranges nobody knows. Bytes from
 * `length` on do not count. Costs a step for every byte that was stored.
 */
export function describeContents(memory: SparseBytes, length: bigint): StateObject {
  const hash = new Fnv1a64();
  const unknown: { first: bigint; last: bigint }[] = [];
  let hashed = 0n;
  for (const run of memory.runs()) {
    if (run.first >= length) break;
    const last = run.last < length ? run.last : length - 1n;
    if (run.bytes === undefined) {
      const before = unknown.at(-1);
      if (before !== undefined && before.last + 1n === run.first) before.last = last;
      else unknown.push({ first: run.first, last });
      continue;
    }
    const bytes = trimmed(run.bytes.subarray(0, Number(last - run.first) + 1));
    if (bytes.length === 0) continue;
    hash.updateZeros(run.first - hashed);
    hash.update(bytes);
    hashed = run.first + BigInt(bytes.length);
  }
  return {
    contents: hashed === 0n ? undefined : hash.digest(),
    unknown: unknown.length === 0 ? undefined : unknown.map(rangeText),
  };
}

/** Zeros at the end are as good as nothing stored. */
function trimmed(bytes: Uint8Array): Uint8Array {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return bytes.subarray(0, length);
}
