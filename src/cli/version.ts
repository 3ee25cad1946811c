import { readFileSync } from "node:fs";

/** The version of the installed package. */
export function packageVersion(): string {
  const manifest = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return version;
}
