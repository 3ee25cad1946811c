/** What a rule found, and what it says about a whole trace. */

export type Severity = "error" | "warning" | "info";

export const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** What a rule is about; every rule id starts with the prefix of its family. */
export const FAMILIES = {
  own: "ownership",
  imm: "immutability",
  leak: "leak",
  cmp: "completeness",
  dma: "dma",
  ses: "session",
  api: "iommufd-api",
  trace: "trace",
} as const;

export type Family = (typeof FAMILIES)[keyof typeof FAMILIES];

/** A finding that explains another one. */
export interface Cause {
  readonly rule: string;
  readonly seq: number;
  readonly fingerprint: string;
}

/** One thing that is wrong, with what proves it. */
export interface Finding {
  readonly rule: string;
  readonly family: Family;
  readonly severity: Severity;
  /** The event at which the rule was broken first. */
  readonly seq: number;
  readonly message: string;
  /** Names of the objects it is about, as names.ts writes them. */
  readonly objects: readonly string[];
  /** Earlier events without which this would be no finding, oldest first. */
  readonly witness: readonly number[];
  /** How often the same thing happened, this time included. */
  readonly count: number;
  /** The same for the same fault in another run: no seq, id, descriptor or address goes in. */
  readonly fingerprint: string;
  /** Findings that explain this one, oldest first. */
  readonly caused_by?: readonly Cause[];
}

/** A rule's word on a whole trace. */
export interface RuleVerdict {
  readonly rule: string;
  readonly verdict: "fail" | "pass" | "unknown";
  /** Why the rule cannot say `pass`. */
  readonly reasons: readonly string[];
}

/** How a trace ended, as far as its reader knows. */
export interface TraceEnd {
  /** Lines that could not be understood and were left out. */
  readonly skipped_lines?: number;
  /** The bytes ended in the middle of a record. */
  readonly truncated?: boolean;
}
