/** Which lutrace this is: results of another one do not count. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageVersion } from "../version.js";

const CODE = /(?<!\.d)\.[jt]s$/;
let known: string | undefined;

/**
 * SHA-256 over the program's own files and its manifest, with the version in front for people. An
 * edit anywhere in the code gives another one, whether the version was raised or not.
 */
export function buildId(): string {
  known ??= `${packageVersion()}-${codeDigest(fileURLToPath(new URL("../..", import.meta.url)))}`;
  return known;
}

/** Digest of the code below a folder, and of the manifest beside it. */
export function codeDigest(root: string): string {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  const hash = createHash("sha256");
  for (const name of names.filter((name) => CODE.test(name)).sort()) {
    hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  }
  // The manifest names the exact versions of the libraries.
  hash.update(readFileSync(join(root, "..", "package.json")));
  return hash.digest("hex");
}
