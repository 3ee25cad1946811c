import { createHash } from "node:crypto";

const FINGERPRINT_DIGITS = 16;

/**
 * A stable name for a fault: the same in every run of the same story, on every machine. It takes
 * the stable names of the objects, so no seq, id, descriptor or address goes in.
 */
export function fingerprintOf(
  rule: string,
  message: string,
  stableNames: readonly string[],
): string {
  const text = [rule, message, ...stableNames].join("\0");
  return createHash("sha256").update(text).digest("hex").slice(0, FINGERPRINT_DIGITS);
}
