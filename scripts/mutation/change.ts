/**
 * Changes: what a mutation does at one event of a clean trace. A program may forget a call, make it
 * twice, too late or otherwise, die before it, or make another one; a kernel may answer otherwise;
 * a recorder may write something else than what happened.
 */

import type { Event } from "../../src/engine/event/index.js";
import type { ProfileId } from "../../src/engine/profile/index.js";
import type { TraceHeader } from "../../src/replay/header.js";
import type { Program, ProgramStep } from "./program.js";
import { Telling } from "./retell.js";
import { type Answer, answered, Scene } from "./scene.js";
import type { Selector } from "./select.js";

/** Where a change is made, and what it can do there. */
export class Site {
  readonly scene: Scene;

  constructor(
    readonly telling: Telling,
    readonly step: ProgramStep,
    readonly postpone: (until: Selector) => void,
  ) {
    this.scene = new Scene(telling);
  }

  /** The program makes its call. */
  make(change?: (event: Event) => Event): void {
    this.telling.make(this.step, change);
  }
}

export interface Change {
  /** What is done, in one word; the table of scores says it. */
  readonly operator: string;
  readonly select: Selector;
  /** Done in place of the step. */
  readonly act?: (site: Site) => void;
  /** The recorder stops after it. */
  readonly stops?: true;
  /** Done to the lines of the record in place of a new telling. */
  readonly edit?: (trace: Record, index: number) => Edited;
}

/** The lines of a trace. */
export interface Record {
  readonly header: TraceHeader;
  readonly events: readonly Event[];
}

/** The lines after the change, and the indexes of those that it is about. */
export interface Edited extends Record {
  readonly changed: readonly number[];
}

/** A trace with one fault. */
export interface Mutant extends Record {
  readonly profile: ProfileId;
  /** Seqs of the events that the change put in or altered. */
  readonly changed: readonly number[];
}

export function drop(select: Selector): Change {
  return { operator: "drop", select, act: ({ telling, step }) => telling.leaveOut(step) };
}

export function repeat(select: Selector, times = 2): Change {
  const act = (site: Site) => {
    for (let time = 0; time < times; time++) site.make();
  };
  return { operator: "repeat", select, act };
}

/** The call is made after the next event that `until` selects. */
export function delay(select: Selector, until: Selector): Change {
  return { operator: "swap", select, act: ({ postpone }) => postpone(until) };
}

/** The process that is to make the call dies. */
export function crash(select: Selector): Change {
  const act = (site: Site) => {
    const { pid } = site.step.event;
    if (pid !== undefined) site.scene.add({ type: "exit", pid, signal: 9 });
    site.make();
  };
  return { operator: "crash", select, act };
}

/** Something happens before the event. */
export function before(select: Selector, happen: (scene: Scene) => void): Change {
  const act = (site: Site) => {
    happen(site.scene);
    site.make();
  };
  return { operator: "insert", select, act };
}

/** Something happens after the event. */
export function after(select: Selector, happen: (scene: Scene) => void): Change {
  const act = (site: Site) => {
    site.make();
    happen(site.scene);
  };
  return { operator: "insert", select, act };
}

/** Something happens before the event and after it. */
export function around(
  select: Selector,
  first: (scene: Scene) => void,
  then: (scene: Scene) => void,
): Change {
  const act = (site: Site) => {
    first(site.scene);
    site.make();
    then(site.scene);
  };
  return { operator: "insert", select, act };
}

/** Something happens in place of the event. */
export function instead(select: Selector, happen: (scene: Scene) => void): Change {
  const act = ({ telling, step, scene }: Site) => {
    telling.leaveOut(step);
    happen(scene);
  };
  return { operator: "replace", select, act };
}

/** The call, or the event, is another one. */
export function alter(
  select: Selector,
  fields: object | ((scene: Scene, event: Event) => object),
): Change {
  const act = (site: Site) => {
    site.make((event) => {
      const changed = typeof fields === "function" ? fields(site.scene, event) : fields;
      return merged(event, changed);
    });
  };
  return { operator: "alter", select, act };
}

/** The kernel answers so, whatever the model says. */
export function answer(select: Selector, what: Answer): Change {
  const act = ({ telling, step }: Site) => {
    telling.make({ ...step, answered_by_model: false }, (event) => {
      const {
        ret: _,
        errno: __,
        out: ___,
        ...asked
      } = event as unknown as { [key: string]: unknown };
      return { ...asked, ...answered(what) } as unknown as Event;
    });
  };
  return { operator: "answer", select, act };
}

/** What was observed is something else, whatever the model says. */
export function observe(select: Selector, fields: object): Change {
  const act = ({ telling, step }: Site) => {
    telling.make({ ...step, answered_by_model: false }, (event) => merged(event, fields));
  };
  return { operator: "observe", select, act };
}

/** The recorder stops right after the change. */
export function stop(change: Change): Change {
  return { ...change, stops: true };
}

/** The recorder wrote another line, or none, or more. */
export function record(
  select: Selector,
  lines: (event: Event, all: readonly Event[], index: number) => readonly Event[],
): Change {
  const edit = ({ header, events }: Record, index: number): Edited => {
    const event = events[index];
    const written = event === undefined ? [] : lines(event, events, index);
    const changed = written.map((_, nth) => index + nth);
    const all = [...events.slice(0, index), ...written, ...events.slice(index + 1)];
    return { header, events: all.map((one, seq) => ({ ...one, seq: seq + 1 })), changed };
  };
  return { operator: "record", select, edit };
}

/** The header says something else. */
export function header(change: (header: TraceHeader) => TraceHeader): Change {
  const edit = (trace: Record): Edited => ({
    header: change(trace.header),
    events: trace.events,
    changed: [],
  });
  return { operator: "header", select: ({ index }) => index === 0, edit };
}

/** Fields of structs are merged one level down. */
function merged(event: Event, fields: object): Event {
  const before = event as unknown as { [key: string]: unknown };
  const changed: { [key: string]: unknown } = { ...before };
  for (const [key, value] of Object.entries(fields)) {
    const struct = key === "in" || key === "facts";
    changed[key] = struct ? { ...(before[key] as object), ...(value as object) } : value;
  }
  return changed as unknown as Event;
}

/** Makes a change at one event of a program. */
export function mutantAt(program: Program, change: Change, index: number): Mutant {
  const { profile, trace } = program;
  if (change.edit !== undefined) {
    const edited = change.edit(trace, index);
    const seqs = edited.changed.map((at) => edited.events[at]?.seq ?? 0);
    const told = edited.header.profile ?? (trace.header.profile === undefined ? profile : "luo73");
    return { ...edited, profile: told, changed: seqs };
  }
  const telling = new Telling(program);
  const late: { step: ProgramStep; until: Selector }[] = [];
  const changed: number[] = [];
  const keep = (what: () => void): void => {
    const before = telling.told.length;
    what();
    changed.push(...telling.told.slice(before).map(({ event }) => event.seq));
  };
  for (const step of program.steps) {
    if (step.moment.index === index) {
      const postpone = (until: Selector) => late.push({ step, until });
      keep(() => change.act?.(new Site(telling, step, postpone)));
      if (change.stops === true) break;
      continue;
    }
    telling.make(step);
    for (const one of late.splice(0)) {
      if (one.until(step.moment)) keep(() => telling.make(one.step));
      else late.push(one);
    }
  }
  return { profile, header: trace.header, events: telling.events, changed };
}
