/** Every way to fail, as one line and an exit status. */

import { AssertionError } from "../engine/assert.js";
import { LimitError } from "../replay/limit-error.js";
import { printable } from "../replay/printable.js";
import { TraceError } from "../replay/trace-error.js";
import { EXIT, type ExitStatus } from "./exit-status.js";
import type { CliIo } from "./io.js";
import { UsageError } from "./usage-error.js";
import { bugsUrl, packageVersion } from "./version.js";

export interface Failure {
  /** One line without "lutrace:". */
  readonly message: string;
  readonly status: ExitStatus;
  /** Where it happened in lutrace: of interest to whoever mends it. */
  readonly stack?: string;
}

/** What the operating system says about a path, in words. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory, expected a file",
  ENOTDIR: "a part of the path is not a directory",
  EMFILE: "too many open files",
  ENOSPC: "no space left on the device",
};

/**
 * Sorts an error into one of the ways to fail. What is none of them is a bug in lutrace.
 *
 * @param path The trace at work, where there is one.
 */
export function failureOf(error: unknown, path?: string): Failure {
  const stack = error instanceof Error ? error.stack : undefined;
  return { ...sorted(error, path), ...(stack === undefined ? {} : { stack }) };
}

function sorted(error: unknown, path: string | undefined): Failure {
  if (error instanceof UsageError)
    return { message: oneLine(error.message), status: EXIT.unusable };
  if (error instanceof LimitError) {
    const place = path === undefined || error.where.file !== undefined ? "" : `${path}: `;
    return { message: oneLine(place + error.message), status: EXIT.limit };
  }
  if (error instanceof TraceError) {
    const placed = path === undefined ? error : error.at({ file: path });
    return { message: oneLine(placed.message), status: EXIT.unusable };
  }
  if (isSystemError(error)) {
    const where = error.path ?? path;
    const what = SYSTEM_ERRORS[error.code] ?? `${error.syscall ?? "input"} failed: ${error.code}`;
    return {
      message: oneLine(where === undefined ? what : `${where}: ${what}`),
      status: EXIT.unusable,
    };
  }
  const name = error instanceof Error ? error.name : "thrown value";
  const text = error instanceof Error ? error.message : String(error);
  const kind = error instanceof AssertionError ? "assertion failed" : name;
  const where = path === undefined ? "" : `${path}: `;
  const url = bugsUrl();
  const place = url === undefined ? "" : ` at ${url}`;
  return {
    message: oneLine(
      `${where}bug in lutrace, ${kind}: ${text}; please report it${place} with the trace, the` +
        ` version (${packageVersion()}) and what LUTRACE_DEBUG=1 adds`,
    ),
    status: EXIT.bug,
  };
}

/** Prints a failure to stderr and gives its exit status. */
export async function reportFailure(error: unknown, io: CliIo, path?: string): Promise<ExitStatus> {
  return await printFailure(failureOf(error, path), io);
}

/** Prints a failure to stderr and gives its exit status. */
export async function printFailure(failure: Failure, io: CliIo): Promise<ExitStatus> {
  const { message, status, stack } = failure;
  await io.err.write(`lutrace: ${message}\n`);
  const { LUTRACE_DEBUG } = io.env;
  if (LUTRACE_DEBUG !== undefined && stack !== undefined) await io.err.write(`${stack}\n`);
  return status;
}

/** A message may quote the trace or the command line: one printable line is left of it. */
function oneLine(message: string): string {
  return printable(message.replace(/\s*\n\s*/g, " ").trim());
}

function isSystemError(
  error: unknown,
): error is { readonly code: string; readonly path?: string; readonly syscall?: string } {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof code === "string" && syscall !== undefined;
}
