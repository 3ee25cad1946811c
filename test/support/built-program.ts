/** A build of the program for one test file, so that no other build comes in between. */

import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export class BuiltProgram {
  readonly #folder: string;

  /** @param name Tells the builds of different test files apart. */
  constructor(name: string) {
    this.#folder = join(ROOT, ".cache", `build-${name}`);
  }

  get entry(): string {
    return join(this.#folder, "dist", "cli", "main.js");
  }

  build(): void {
    mkdirSync(this.#folder, { recursive: true });
    copyFileSync(join(ROOT, "package.json"), join(this.#folder, "package.json"));
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const options = ["-p", "tsconfig.build.json", "--outDir", join(this.#folder, "dist")];
    spawnSync(process.execPath, [tsc, ...options], { cwd: ROOT });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Starts the program as a shell would. */
  start(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return spawn(process.execPath, [this.entry, ...argv], {
      stdio: ["pipe", "pipe", "pipe"],
      // The user's own cache is nothing a test may fill.
      env: { ...process.env, XDG_CACHE_HOME: join(this.#folder, "cache"), ...env },
    });
  }

  /** Runs it to its end, with `stdin` on its standard input. */
  run(
    argv: readonly string[],
    env: Readonly<Record<string, string>> = {},
    stdin: string | Uint8Array = "",
  ): Promise<Ended> {
    const child = this.start(argv, env);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => err.push(data));
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
    return new Promise((resolve) => {
      child.on("close", (status, signal) => {
        const texts = [out, err].map((chunks) => Buffer.concat(chunks).toString("utf8"));
        resolve({ status, signal, out: texts[0] ?? "", err: texts[1] ?? "" });
      });
    });
  }
}
