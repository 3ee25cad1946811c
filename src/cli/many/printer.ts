import type { ExitStatus } from "../exit-status.js";

/** Prints what a run over many traces gives, one entry after the other. */
export interface Printer<Entry> {
  /** @param index The place of the entry in the whole run, from 0. */
  add(entry: Entry, index: number): Promise<void>;
  /** Prints what comes last; gives the status of the whole run. */
  end(): Promise<ExitStatus>;
}
