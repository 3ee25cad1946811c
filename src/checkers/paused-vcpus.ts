import type { EventOf } from "../engine/event/index.js";

/** Whose vCPUs stand still, by the trace's markers. A marker without a pid is about every VM. */
export class PausedVcpus {
  readonly #pids = new Set<number>();
  #all = false;

  readonly mark = ({ what, pid }: EventOf<"marker">): void => {
    if (what !== "vcpus_paused" && what !== "vcpus_resumed") return;
    const paused = what === "vcpus_paused";
    if (pid === undefined) {
      this.#all = paused;
      this.#pids.clear();
    } else if (paused) this.#pids.add(pid);
    else this.#pids.delete(pid);
  };

  readonly booted = (): void => {
    this.#all = false;
    this.#pids.clear();
  };

  has(pid: number): boolean {
    return this.#all || this.#pids.has(pid);
  }
}
