/** A mutation: a fault that one rule owns, as data. */

import type { ProfileId } from "../../src/engine/profile/index.js";
import type { Change } from "./change.js";

export interface Mutation {
  /** The rule that owns the fault. */
  readonly rule: string;
  /** What goes wrong, in the words of the field. */
  readonly fault: string;
  /** Names of clean traces below traces/, without the profile and the extension. */
  readonly of: readonly string[];
  /** Only in traces of these profiles; default: all of the rule. */
  readonly profiles?: readonly ProfileId[];
  readonly change: Change;
  /** Only the n-th place of a trace that the change applies to, from 0; default: each. */
  readonly nth?: number;
  /**
   * Where the rule has to find it: `here` is what the change put in or altered, else the type of an
   * event or the end of the name of an ioctl. Default: anywhere.
   */
  readonly at?: readonly string[];
  /** Rules that find a fault of their own in the same mutant, each with the reason. */
  readonly also?: Readonly<Record<string, string>>;
}

/** Why no mutation of a clean trace can show that a rule works. */
export interface OutOfReach {
  readonly rule: string;
  readonly reason: string;
}

/** Every scenario that ends on purpose and in which nothing is to be found but information. */
export const CLEAN = "every clean scenario";
/** A VM with one device, from the set-up to the end of its update. */
export const VM = "scenarios/S01-one-vm-one-device";
/** Two devices on one page table. */
export const TWO_DEVICES = "scenarios/S03-two-devices-one-hwpt";
export const TWO_TABLES = "scenarios/S04-two-devices-two-hwpts";
/** A memfd crosses. */
export const MEMORY = "scenarios/S02-memfd-only";
/** The kernel's own test of a live update, recorded on a 7.3.4 kernel: two sessions, two memfds. */
export const RECORDED = "captures/luo/luo_kexec_simple";
/** Several memfds cross. */
export const MEMORIES = "scenarios/S09-memfds-retrieved-in-reverse";
export const CANCELLED = "scenarios/S07-cancelled-before-kexec";
/** The VMM died, a reaper cleans up. */
export const REAPED = [
  "scenarios/S33-crash-after-memory",
  "scenarios/S34-crash-after-iommufd",
  "scenarios/S36-crash-after-restore",
  "scenarios/S37-crash-after-replace",
] as const;

/** The trace in which a rule stays silent. */
export function silent(rule: string): string {
  return `rules/${rule}/silent`;
}
