/** Which lutrace this is, told faster than by reading all of it. */

import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageVersion } from "./version.js";

const CODE = /(?<!\.d)\.[jt]s$/;
/** What decides which machine a trace leads to; the other folders only show it. */
const FOLDERS = ["engine", "replay"];

/**
 * SHA-256 over name, inode, size, time of modification and time of change of the files that
 * replay traces, with the version in front. Whatever is built, installed or edited gives another.
 */
export function programStamp(): string {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const names = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => CODE.test(name))
      .map((name) => join(folder, name)),
  );
  const hash = createHash("sha256");
  for (const name of names.sort()) {
    const { ino, size, mtimeMs, ctimeMs } = statSync(join(root, name));
    hash.update(`${name} ${ino} ${size} ${mtimeMs} ${ctimeMs}\0`);
  }
  return `${packageVersion()}-${hash.digest("hex")}`;
}
