/** One folder for what tests write. It goes when all of them are done. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    temporary_folder: string;
  }
}

let folder: string | undefined;

export function setup({ provide }: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), "lutrace-test-"));
  provide("temporary_folder", folder);
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
