import type { FieldValue, StructValues } from "../abi/layout.js";
import type { Errno } from "../errno.js";
import type { Event } from "../event/index.js";
import type { FileObject } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { Process } from "../process/process.js";
import type { Judgement, Outcome } from "./outcome.js";

/**
 * One call while the engine works on it: what was asked, what the model answers, and what the trace
 * says the kernel answered.
 *
 * The order inside an operation is always the same: checks in the kernel's order, each ending in
 * `reject`; then `accept`, which says whether to go on; then the changes. So a call that the kernel
 * refused although the model would allow it changes nothing, and one difference does not cascade.
 */
export class Call<E extends Event = Event> implements Outcome {
  judgement: Judgement = "predicted";
  ret: number | bigint = 0;
  errno: Errno | undefined;
  out: StructValues = NOTHING;
  out_tail: Uint8Array | undefined;
  mem_out: Uint8Array | undefined;
  data: Uint8Array | undefined;
  adopted: readonly string[] = NO_NAMES;
  claims: Outcome["claims"] = NOTHING;
  injected = false;
  decided_by: string | undefined;

  constructor(
    readonly machine: Machine,
    readonly process: Process,
    readonly event: E,
  ) {}

  /** True when the trace holds the kernel's answer to this call. */
  get recorded(): boolean {
    return this.observedRet !== undefined;
  }

  /** The recorded return value, or undefined. */
  get observedRet(): number | bigint | undefined {
    const event = this.event as { ret?: number; address?: number | bigint };
    return event.ret ?? event.address;
  }

  /** The errno the kernel answered; undefined when it succeeded or nothing was recorded. */
  get observedErrno(): Errno | undefined {
    if (this.observedRet !== -1) return undefined;
    return (this.event as { errno?: Errno }).errno;
  }

  /** True when the trace says the call succeeded. */
  get observedSuccess(): boolean {
    return this.recorded && this.observedRet !== -1;
  }

  /** True when the trace says the call failed. */
  get observedFailure(): boolean {
    return this.observedRet === -1;
  }

  /**
   * Predicts a failure. What the kernel is documented to leave behind on this failure is the
   * caller's to do.
   *
   * @param why Which check decided; shown when the kernel answered otherwise.
   */
  reject(errno: Errno, why?: string): void {
    this.ret = -1;
    this.errno = errno;
    this.decided_by = why;
  }

  /**
   * Predicts success and says whether to apply it. False when the trace shows that the kernel
   * refused: then nothing may change. A failure that fault injection explains becomes the
   * prediction.
   */
  accept(ret: number | bigint = 0): boolean {
    this.ret = ret;
    this.errno = undefined;
    if (!this.observedFailure) return true;
    const errno = this.observedErrno;
    if (this.process.faultInjection && errno !== undefined && INJECTED_ERRNOS.has(errno)) {
      this.reject(errno, "fault injection is armed");
      this.injected = true;
      this.out = NOTHING;
      this.out_tail = undefined;
      this.mem_out = undefined;
    }
    return false;
  }

  /** The model has no answer for this call. */
  unmodelled(why: string): void {
    this.judgement = "unmodelled";
    this.decided_by = why;
  }

  /** The model claims nothing about this event. */
  unjudged(): void {
    this.judgement = "none";
  }

  /** Predicts struct fields after the call. */
  write(fields: StructValues): void {
    this.out = this.out === NOTHING ? fields : { ...this.out, ...fields };
  }

  /**
   * An output the model cannot know: the recorded value where there is one, else `own`. The name
   * must be in the operation's list of adopted outputs.
   */
  adopt<V extends FieldValue>(name: string, own: V, observed: V | undefined): V {
    this.noteAdopted(name);
    return observed ?? own;
  }

  /** Notes that an output is taken from the trace, whatever it is. */
  noteAdopted(name: string): void {
    this.adopted = [...this.adopted, name];
  }

  /** Claims a fact that the event records, by its key. */
  claim(key: string, value: string | number | bigint | boolean): void {
    this.claims = { ...this.claims, [key]: value };
  }

  /**
   * Makes a descriptor for a new open file. The number is adopted: the lowest free one is right
   * only when every open and close of the process was recorded.
   *
   * @param observed The number the trace shows, if any.
   */
  installFd(observed: number | undefined, object: FileObject, flags: number): number {
    const file = this.machine.newFile(object, flags);
    return this.installFile(observed, file, (flags & O_CLOEXEC) !== 0);
  }

  /** The same for an open file that exists already (dup, retrieve of a live file). */
  installFile(observed: number | undefined, file: OpenFile, cloexec: boolean): number {
    // A trace may claim any number; a negative one is none.
    const isNumber = observed !== undefined && observed >= 0;
    const number = isNumber ? observed : this.process.fds.lowestFree();
    this.machine.installFd(this.process, number, file, cloexec);
    return number;
  }
}

export const O_CLOEXEC = 0o2000000;
export const O_RDWR = 2;

/** Most calls write, adopt and claim nothing; they share these. */
const NOTHING = Object.freeze({});
const NO_NAMES: readonly string[] = Object.freeze([]);

/** What the fault sweep of 7.3.4 was seen to inject: every deviation was one of these. */
const INJECTED_ERRNOS: ReadonlySet<Errno> = new Set(["ENOENT", "ENOMEM", "EFAULT", "EINVAL"]);
