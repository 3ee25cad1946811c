/**
 * What a rule is. A rule is data (id, severity, messages) and one function, `create`, that makes
 * its listeners for one run. What a rule remembers lives in the closure of `create`.
 */

import type { Event, EventOf, EventType, IoctlEvent } from "../engine/event/index.js";
import type { ProfileId } from "../engine/profile/index.js";
import type { RoutineCall, RoutineKind } from "../engine/routine/routine-call.js";
import type { TransitionKind } from "../engine/transition.js";
import type { Family, Severity, TraceEnd } from "./finding.js";
import type { ObjectName } from "./names.js";
import type { MachineView, StepView, TransitionView, View } from "./view.js";

/** The profiles in which iommufd and VFIO files can be preserved. */
export const DOMAIN_PROFILES = ["seed", "rfc2", "p1v1", "p1v5", "p2"] as const;
/** Those in which user space gets the domains back. */
export const RESTORE_PROFILES = ["seed", "rfc2", "p2"] as const;
export const ALL_PROFILES = ["luo73", ...DOMAIN_PROFILES] as const;

/** A message template with `{slots}`. One that is worse or milder than its rule says so. */
export type MessageSpec = string | { readonly text: string; readonly severity: Severity };

type TextOf<M> = M extends { readonly text: infer Text } ? Text : M;

/** The `{slot}` names of a template, so that a report cannot forget one. */
export type Slots<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Slots<Rest>
  : never;

/** A bigint is written as "0x…", an object by its name. */
export type SlotValue = string | number | bigint | ObjectName;

/** Evidence first, prose last: the text is made from `data` when the run is over. */
export type Report<Messages> = {
  [Id in keyof Messages & string]: {
    readonly message: Id;
    /** The event at which the rule is broken. */
    readonly seq: number;
    /** What it is about. One finding per message and objects; later hits are counted. */
    readonly objects: readonly ObjectName[];
    /** Earlier events that prove it. */
    readonly witness?: readonly (number | undefined)[];
    /** Tells apart two faults with the same message about the same objects. */
    readonly cause?: string | number;
    /** Further objects, not shown, by which this is linked with what explains it. */
    readonly about?: readonly ObjectName[];
  } & ([Slots<TextOf<Messages[Id]>>] extends [never]
    ? { readonly data?: undefined }
    : { readonly data: Readonly<Record<Slots<TextOf<Messages[Id]>>, SlotValue>> });
}[keyof Messages & string];

/** What a rule gets for one run. */
export interface RuleContext<Messages> {
  /** Whose verdicts count: the machine's profile, and the agreed model where none is stated. */
  readonly profiles: readonly ProfileId[];
  /** What the trace's header says; undefined for a trace without one. */
  readonly header: HeaderFacts | undefined;
  report(finding: Report<Messages>): void;
  /** The rule could not see what it needs: without a finding its verdict is `unknown`. */
  unknown(reason: string): void;
}

/** What rules want to know from a trace's header. */
export interface HeaderFacts {
  readonly profile?: string | undefined;
  /** The command line names the profile. */
  readonly profile_overridden?: boolean | undefined;
  /** Names of memfds and sessions that may be lost on purpose. */
  readonly disposable?: readonly string[] | undefined;
}

export type RoutineView = View<RoutineCall>;
export type RoutineTest = (call: RoutineView) => boolean;

/** The rule has never anything to say about routine calls of a kind; why, is said beside it. */
export const NOTHING_TO_SAY: RoutineTest = () => true;

/**
 * A test whose answer changes with steps only: it is asked once after a step, not for each call.
 */
export class UntilStep {
  constructor(readonly test: () => boolean) {}
}

type EventListener<E> = (event: E, step: StepView, view: MachineView) => void;

/** What a rule listens to; it costs nothing for anything else. */
export interface Listeners {
  /** Changes, by kind. They come before the event that made them. */
  readonly on?: {
    readonly [K in TransitionKind]?: (
      transition: TransitionView<K>,
      step: StepView,
      view: MachineView,
    ) => void;
  };
  /** Events by type. */
  readonly event?: {
    readonly [T in Exclude<EventType, "ioctl">]?: EventListener<EventOf<T>>;
  };
  /** ioctl calls by operation, whatever came of them. */
  readonly ioctl?: Readonly<Record<string, EventListener<IoctlEvent>>>;
  /** Every ioctl call. */
  readonly ioctl_any?: EventListener<IoctlEvent>;
  /** The same for calls that the model or the kernel refused, whoever is right. */
  readonly refused?: Readonly<Record<string, EventListener<IoctlEvent>>>;
  /** Every such ioctl call. */
  readonly refused_any?: EventListener<IoctlEvent>;
  /** Every event: for rules about the trace itself. Costs a call per event. */
  readonly any?: EventListener<Event>;
  /**
   * Routine calls come without event, step and transition (see engine/routine). A rule that would
   * hear of one says here, by kind, when it can do without: with true it gets `passed` for the
   * call, with false the call comes as a step. Where it says nothing, all calls of the kind come
   * as steps.
   */
  readonly routine?: { readonly [K in RoutineKind]?: RoutineTest | UntilStep };
  /** A routine call was carried out. The object is used again for the next one. */
  readonly passed?: { readonly [K in RoutineKind]?: (call: RoutineView) => void };
  /** The trace is over. */
  readonly finish?: (end: TraceEnd, view: MachineView, last: LastEvent) => void;
}

/** Where and when the trace ended. */
export interface LastEvent {
  readonly seq: number;
  /** The newest time that an event of the trace has. */
  readonly ts: number | undefined;
}

export interface RuleMeta {
  readonly id: string;
  readonly family: Family;
  /** Severity of a message that states none of its own. */
  readonly severity: Severity;
  /** Profiles in which that severity is another one. */
  readonly severity_in?: Partial<Readonly<Record<ProfileId, Severity>>>;
  readonly profiles: readonly ProfileId[];
  /** Says nothing about an event that another rule has a finding at: it has no cause to name. */
  readonly residual?: true;
  /** The obligation, in one sentence. */
  readonly summary: string;
  readonly sources: readonly string[];
}

export interface RuleDefinition<Messages extends Record<string, MessageSpec>> extends RuleMeta {
  readonly messages: Messages;
  create(context: RuleContext<Messages>): Listeners;
}

/** A rule without the types of its messages, as the checker keeps it. */
export interface Rule extends RuleMeta {
  readonly messages: Readonly<Record<string, MessageSpec>>;
  create(context: RuleContext<Record<string, MessageSpec>>): Listeners;
}

/** Ties the types of `report` to the rule's messages. */
export function defineRule<const Messages extends Record<string, MessageSpec>>(
  rule: RuleDefinition<Messages>,
): Rule {
  return rule as unknown as Rule;
}

/** The severity of one message of a rule under a profile. */
export function severityOf(rule: Rule, message: string, profiles: readonly ProfileId[]): Severity {
  const spec = rule.messages[message];
  if (typeof spec === "object") return spec.severity;
  const profile = profiles.find((id) => rule.profiles.includes(id));
  return (profile === undefined ? undefined : rule.severity_in?.[profile]) ?? rule.severity;
}
