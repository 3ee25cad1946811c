import type { Event } from "../engine/event/index.js";

/** A point in a trace at which its state is looked at; undefined elsewhere means its end. */
export type AtPoint =
  /** After the last event whose seq is not above this one. */
  | { readonly seq: number }
  /** After the boot event of this kernel (from 1), or before it: the end of the kernel before. */
  | { readonly boot: number; readonly before: boolean };

/** `#12`, `boot2`, `before-boot2`: as the command line has it. */
export function atPointText(at: AtPoint): string {
  if ("seq" in at) return `#${at.seq}`;
  return `${at.before ? "before-" : ""}boot${at.boot}`;
}

/** Stops a walk over the events of one trace at a point. */
export class StopRule {
  /** The point was reached: it lies in the trace. */
  reached = false;
  /** Number of the kernel that runs, from 1; kernels are counted as the machine counts them. */
  epoch = 1;
  private passed = false;

  constructor(private readonly at: AtPoint | undefined) {}

  /** False for the first event behind the point, and for none before. Ask once for each event. */
  allows(event: Event): boolean {
    const { at } = this;
    if (at === undefined) return true;
    this.reached ||= this.isBehind(at, event);
    if (this.reached) return false;
    this.passed ||= "seq" in at ? event.seq === at.seq : this.startsKernel(at, event);
    return true;
  }

  /** The trace is over: an event at the point itself may have been its last one. */
  end(): void {
    this.reached ||= this.passed;
  }

  private isBehind(at: AtPoint, event: Event): boolean {
    if ("seq" in at) return event.seq > at.seq;
    if (!at.before) return this.passed;
    return event.type === "boot" && event.kind !== "start" && this.epoch + 1 === at.boot;
  }

  private startsKernel(at: { readonly boot: number }, event: Event): boolean {
    if (event.type !== "boot") return false;
    if (event.kind !== "start") this.epoch++;
    return this.epoch === at.boot;
  }
}
