/**
 * A scenario told with one call changed. The story's code runs on as a program would: what the
 * changed call did not give is not used, and every later call gets the answer the model gives now.
 */

import type { Event } from "../../src/engine/event/index.js";
import type { Step } from "../../src/engine/machine.js";
import { Tale } from "../../src/replay/scenario/catalogue/plan.js";
import type { Ending, PlannedEvent } from "../../src/replay/scenario/scenario.js";

/** What becomes of the call that is changed. */
export type Change =
  /** It is forgotten. */
  | "drop"
  /** It is made twice. */
  | "repeat"
  /** It is made after the next call. */
  | "delay"
  /** The process that was to make it dies. */
  | "crash"
  /** What it is made on is closed first, by everybody. */
  | "close";

/** Which call it is: the first one for which this holds. */
export type Selector = (event: PlannedEvent, epoch: number) => boolean;

export interface OneChange {
  readonly change: Change;
  readonly select: Selector;
}

/** The step of a call that was not made. */
const NOT_MADE = { outcome: { ret: -1n, out: {} }, transitions: [] } as unknown as Step;

export class Mutant extends Tale {
  /** Undefined only while the base class sets the scene. */
  readonly mutation: OneChange | undefined;
  /** The call was met. */
  hit = false;
  #delayed: PlannedEvent | undefined;
  #sent = true;

  constructor(options: ConstructorParameters<typeof Tale>[0], mutation: OneChange) {
    super(options);
    this.mutation = mutation;
  }

  override call(event: PlannedEvent, ending: Ending = {}): Step {
    if (this.mutation === undefined) return super.call(event, ending);
    if (!this.#usable(event)) return NOT_MADE;
    if (!this.hit && this.mutation.select(event, this.machine.epoch)) {
      this.hit = true;
      return this.#change(this.mutation.change, event);
    }
    const step = this.#answer(event);
    const late = this.#delayed;
    if (late !== undefined) {
      this.#delayed = undefined;
      this.#answer(late);
    }
    return step;
  }

  override add(event: PlannedEvent): Step {
    if (this.mutation === undefined) return super.add(event);
    if (event.type === "receive_fds" && !this.#sent) return NOT_MADE;
    const usable = this.#usable(event);
    if (event.type === "send_fds") this.#sent = usable;
    if (!usable) return NOT_MADE;
    return event.type === "dma" ? this.#dma(event) : super.add(event);
  }

  #change(change: Change, event: PlannedEvent): Step {
    switch (change) {
      case "drop":
        return NOT_MADE;
      case "repeat": {
        const first = this.#answer(event);
        this.#answer(event);
        return first;
      }
      case "delay":
        this.#delayed = event;
        return NOT_MADE;
      case "crash":
        super.add({ type: "exit", pid: event.pid ?? 0, signal: 9 });
        return NOT_MADE;
      case "close":
        this.#closeEverywhere(event);
        return NOT_MADE;
    }
  }

  #closeEverywhere(event: PlannedEvent): void {
    if (event.type !== "ioctl") return;
    const file = this.machine.processes.get(event.pid)?.fds.get(event.fd);
    for (const process of [...this.machine.processes.values()]) {
      for (const [fd, entry] of [...process.fds.entries()]) {
        if (entry.file === file) this.#answer({ type: "close", pid: process.pid, fd });
      }
    }
  }

  /** The model's answer, whatever the story hoped for. */
  #answer(event: PlannedEvent): Step {
    return super.call(event, { whatever: true });
  }

  /** What a DMA comes to is what the model predicts. */
  #dma(event: PlannedEvent): Step {
    const step = super.add({ ...event, observed: "unknown" } as PlannedEvent);
    const seen = step.transitions.find(({ kind }) => kind === "dma");
    const predicted = seen?.kind === "dma" ? seen.predicted : undefined;
    const placed: Event | undefined = this.events.at(-1);
    if (placed !== undefined) Object.assign(placed, { observed: predicted ?? "unknown" });
    return step;
  }

  /** A program does not call with what an earlier call did not give it. */
  #usable(event: PlannedEvent): boolean {
    const { pid } = event;
    if (pid === undefined) return true;
    const process = this.machine.processes.get(pid);
    if (process?.alive === false) return false;
    const isOpen = (fd: unknown): boolean => process?.fds.get(Number(fd)) !== undefined;
    if ("fd" in event && typeof event.fd === "number" && !isOpen(event.fd)) return false;
    if (event.type === "send_fds") return event.fds.every(isOpen);
    if (event.type !== "ioctl" || event.in === null || event.in === undefined) return true;
    const args = event.in;
    if (Object.values(args).some((value) => Number.isNaN(value))) return false;
    if (TAKES_FD.test(event.op) && !isOpen(args["fd"])) return false;
    return event.op !== "VFIO_DEVICE_BIND_IOMMUFD" || isOpen(args["iommufd"]);
  }
}

/** Calls whose struct names an open file in its field `fd`. */
const TAKES_FD = /^(LIVEUPDATE_SESSION_PRESERVE_FD|IOMMU_IOAS_MAP_FILE)$/;
