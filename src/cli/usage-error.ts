/** The command line cannot be used: shown as one line, exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
