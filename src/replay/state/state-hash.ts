import { createHash } from "node:crypto";
import type { Machine } from "../../engine/machine.js";
import { describeState } from "./describe-state.js";
import { canonicalJson } from "./state-text.js";
import type { StateValue } from "./state-value.js";

/**
 * SHA-256 over the canonical JSON of a state document, in lower-case hex. Equal states have equal
 * hashes, on every machine and whatever led to them.
 */
export function hashState(document: StateValue): string {
  const hash = createHash("sha256");
  for (const piece of canonicalJson(document)) hash.update(piece);
  return hash.digest("hex");
}

/** The hash of what the machine is now; costs O(n) in its live objects. */
export function stateHash(machine: Machine): string {
  return hashState(describeState(machine));
}
