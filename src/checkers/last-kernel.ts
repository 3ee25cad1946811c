/** The descriptors that were open when a kernel ended. */

import type { ProcessView } from "./subjects.js";
import type { StepView, TransitionView } from "./view.js";

export class LastKernel {
  #ended: ProcessView[] = [];
  #before = new Map<number, ProcessView>();
  /** Seq of the boot that ended it. */
  boot_seq: number | undefined;

  readonly exited = ({ process, cause }: TransitionView<"process_exited">): void => {
    if (cause === "kernel_gone") this.#ended.push(process);
  };

  readonly booted = (_: TransitionView<"kernel_booted">, step: StepView): void => {
    this.#before = new Map(this.#ended.map((process) => [process.pid, process]));
    this.#ended = [];
    this.boot_seq = step.event.seq;
  };

  /** Nothing was open, or there was no kernel before. */
  get isEmpty(): boolean {
    return this.#before.size === 0;
  }

  /** The process was there and had this descriptor open. */
  had(pid: number, fd: number): boolean {
    return this.#before.get(pid)?.fds.get(fd) !== undefined;
  }
}
