/** A worker ended before it answered. */
export class WorkerDeath extends Error {
  override readonly name = "WorkerDeath";

  /**
   * @param code Its exit status; null when a signal ended it.
   * @param stderr The end of what it wrote there.
   */
  constructor(
    readonly code: number | null,
    readonly signal: NodeJS.Signals | null,
    readonly stderr: string,
  ) {
    super(`a worker ended with ${signal === null ? `status ${code}` : signal}`);
  }

  /** The JavaScript heap was full: V8 says so and aborts. */
  get out_of_memory(): boolean {
    return /heap out of memory|Allocation failed|Fatal JavaScript invalid size/.test(this.stderr);
  }

  /** Nobody but the system does this to a worker, and when memory is short it does. */
  get killed(): boolean {
    return this.signal === "SIGKILL";
  }
}
