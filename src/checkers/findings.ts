/** Collects what the rules of one run report, and turns it into findings when the run is over. */

import type { ProfileId } from "../engine/profile/index.js";
import { causesOf } from "./causes.js";
import type { Finding, Severity } from "./finding.js";
import { fingerprintOf } from "./fingerprint.js";
import { hex, type ObjectName } from "./names.js";
import { type Rule, type SlotValue, severityOf } from "./rule.js";

/** A report without the types of one rule's messages. */
export interface LooseReport {
  readonly message: string;
  readonly seq: number;
  readonly objects: readonly ObjectName[];
  readonly witness?: readonly (number | undefined)[];
  readonly cause?: string | number;
  readonly about?: readonly ObjectName[];
  readonly data?: Readonly<Record<string, SlotValue>> | undefined;
}

/** Findings with all that is needed to render and to link them. */
export interface Draft {
  readonly rule: Rule;
  readonly report: LooseReport;
  readonly severity: Severity;
  readonly order: number;
  /** What the trace did not show, when nothing after that proves the fault (guards G1, G2). */
  readonly doubt: string | undefined;
  count: number;
}

/** More findings of one rule than this are only counted: memory must not follow the trace. */
export const FINDINGS_PER_RULE_MAX = 1000;

/** So many events are remembered as explained; a trace with more is broken in every way. */
const EXPLAINED_MAX = 100_000;

export class FindingBook {
  readonly #drafts = new Map<string, Draft>();
  readonly #perRule = new Map<string, number>();
  readonly #leftOut = new Map<string, number>();
  /** Events that a rule with a reason of its own has spoken about. */
  readonly #explained = new Set<number>();
  /** Seq of the last event that says that events were lost. */
  #lostSeq: number | undefined;
  /** The last call whose effect the trace does not tell, and why. */
  #untold: { readonly seq: number; readonly why: string } | undefined;

  constructor(readonly profiles: readonly ProfileId[]) {}

  loseEvents(seq: number): void {
    this.#lostSeq = seq;
  }

  meetUntold(seq: number, why: string): void {
    this.#untold = { seq, why };
  }

  /** Findings of a rule that were only counted. */
  leftOut(rule: string): number {
    return this.#leftOut.get(rule) ?? 0;
  }

  has(rule: Rule): boolean {
    if (rule.residual !== true) return this.#perRule.has(rule.id);
    return [...this.#drafts.values()].some(
      (draft) => draft.rule === rule && !this.#explained.has(draft.report.seq),
    );
  }

  add(rule: Rule, report: LooseReport): void {
    if (rule.residual !== true && this.#explained.size < EXPLAINED_MAX) {
      this.#explained.add(report.seq);
    }
    const keys = report.objects.map((object) => object.key);
    const key = [rule.id, report.message, report.cause ?? "", ...keys].join("\0");
    const known = this.#drafts.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const made = this.#perRule.get(rule.id) ?? 0;
    if (made >= FINDINGS_PER_RULE_MAX) {
      this.#leftOut.set(rule.id, this.leftOut(rule.id) + 1);
      return;
    }
    this.#perRule.set(rule.id, made + 1);
    const stated = severityOf(rule, report.message, this.profiles);
    const doubt = stated === "error" ? this.#doubtOf(rule, report) : undefined;
    this.#drafts.set(key, {
      rule,
      report,
      severity: doubt === undefined ? stated : "info",
      order: this.#drafts.size,
      doubt,
      count: 1,
    });
  }

  /** All findings, in the order of the events they are at. */
  findings(): Finding[] {
    const drafts = [...this.#drafts.values()]
      .filter(({ rule, report }) => rule.residual !== true || !this.#explained.has(report.seq))
      .sort((a, b) => a.report.seq - b.report.seq || a.order - b.order);
    const rendered = new Map(drafts.map((draft) => [draft, render(draft)]));
    const found: Finding[] = [];
    for (const [draft, finding] of rendered) {
      const causes = causesOf(draft, drafts).map((cause) => {
        const { rule, seq, fingerprint } = rendered.get(cause) ?? finding;
        return { rule, seq, fingerprint };
      });
      found.push(causes.length === 0 ? finding : { ...finding, caused_by: causes });
    }
    return found;
  }

  /** Guards G1 and G2: after a gap, only what was seen again proves anything. */
  #doubtOf({ family }: Rule, { witness = [] }: LooseReport): string | undefined {
    const seqs = witness.filter((seq) => seq !== undefined);
    const proves = (gap: number | undefined) =>
      gap === undefined || (seqs.length > 0 && seqs.every((seq) => seq > gap));
    if (!proves(this.#lostSeq)) return "events were lost before";
    // That it is not told is what the rules about the trace are to say.
    if (family === "trace" || proves(this.#untold?.seq)) return undefined;
    return this.#untold?.why;
  }
}

function render(draft: Draft): Finding {
  const { rule, report } = draft;
  const stable = report.objects.map((object) => object.stable);
  return {
    rule: rule.id,
    family: rule.family,
    severity: draft.severity,
    seq: report.seq,
    message: renderMessage(rule, report) + doubtText(draft),
    objects: report.objects.map((object) => object.shown),
    witness: witnessOf(report),
    count: draft.count,
    fingerprint: fingerprintOf(rule.id, report.message, stable),
  };
}

function doubtText({ doubt }: Draft): string {
  return doubt === undefined ? "" : `; ${doubt}, so this may be wrong`;
}

/** More witnesses than this prove nothing more: the earliest and the latest are kept. */
const WITNESSES_MAX = 16;

function witnessOf(report: LooseReport): number[] {
  const seqs = new Set<number>();
  for (const seq of report.witness ?? []) {
    if (seq !== undefined && seq !== report.seq) seqs.add(seq);
  }
  const sorted = [...seqs].sort((a, b) => a - b);
  if (sorted.length <= WITNESSES_MAX) return sorted;
  return [...sorted.slice(0, WITNESSES_MAX / 2), ...sorted.slice(-WITNESSES_MAX / 2)];
}

function renderMessage(rule: Rule, report: LooseReport): string {
  const spec = rule.messages[report.message] ?? "";
  const template = typeof spec === "string" ? spec : spec.text;
  return template.replace(/\{(\w+)\}/g, (_, slot: string) => renderSlot(report.data?.[slot]));
}

function renderSlot(value: SlotValue | undefined): string {
  if (value === undefined) return "?";
  if (typeof value === "bigint") return hex(value);
  if (typeof value === "object") return value.shown;
  return String(value);
}
