import { readFileSync } from "node:fs";

interface Manifest {
  readonly version: string;
  readonly bugs?: string | { readonly url?: string };
}

function manifest(): Manifest {
  const path = new URL("../../package.json", import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

/** The version of the installed package. */
export function packageVersion(): string {
  return manifest().version;
}

/** Where the package says that faults are reported; undefined where it says nothing. */
export function bugsUrl({ bugs }: Pick<Manifest, "bugs"> = manifest()): string | undefined {
  return typeof bugs === "string" ? bugs : bugs?.url;
}
