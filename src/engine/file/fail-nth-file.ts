import type { Call } from "../call/call.js";
import type { EventOf } from "../event/index.js";
import type { Process } from "../process/process.js";
import { FileObject } from "./file-object.js";
import type { OpenFile } from "./open-file.js";

/**
 * /proc/<pid>/task/<tid>/fail-nth: a number n written here makes the n-th allocation of the task
 * fail, once; 0 takes that back. Which call it hits cannot be known from outside.
 *
 * @source proc_fail_nth_write, fs/proc/base.c (v7.3.4)
 */
export class FailNthFile extends FileObject {
  readonly kind = "fail_nth";

  constructor(
    readonly path: string,
    /** The process whose calls it makes fail. */
    readonly target: Process,
  ) {
    super();
  }

  override describe(): string {
    return this.path;
  }
}

/** Opens the file of a thread of the caller; another process' file is not looked into. */
export function openFailNth(call: Call<EventOf<"open">>): void {
  const { machine, process, event } = call;
  call.unjudged();
  if (!call.accept()) return;
  const fd = event.ret ?? process.fds.lowestFree();
  const file = machine.newFile(new FailNthFile(event.path, process), event.flags);
  machine.installFd(process, fd, file, false);
}

/** Arms fault injection, or takes it back with 0. */
export function writeFailNth(call: Call<EventOf<"write" | "pwrite">>, file: OpenFile): void {
  const { object } = file;
  call.unjudged();
  if (!(object instanceof FailNthFile) || !call.accept()) return;
  const text = Buffer.from(call.event.data ?? []).toString("latin1");
  object.target.faultInjection = Number.parseInt(text, 10) > 0;
}
