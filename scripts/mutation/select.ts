/** Selectors: which events of a clean trace a mutation is made at, in the words of the field. */

import type { EventType } from "../../src/engine/event/index.js";
import type { ProcessRole } from "../../src/engine/process/process.js";
import type { Moment } from "./moment.js";

export type Selector = (moment: Moment) => boolean;

/** What else has to hold of the event. */
export interface Where {
  readonly epoch?: number;
  readonly about?: Moment["about"];
  readonly role?: ProcessRole;
  readonly token?: bigint;
  /** An attach that takes a device away from a restored domain. */
  readonly replaces?: boolean;
  readonly preserved?: boolean;
  readonly unfinished?: boolean;
}

/** An ioctl by the end of its name: `PRESERVE_FD`, `IOAS_MAP_FILE`. */
export function ioctl(name: string, where: Where = {}): Selector {
  return (moment) => {
    const { event } = moment;
    return event.type === "ioctl" && event.op.endsWith(name) && meets(moment, where);
  };
}

/** An event by its type. */
export function event(type: EventType, where: Where = {}): Selector {
  return (moment) => moment.event.type === type && meets(moment, where);
}

export function marker(what: string): Selector {
  return ({ event: { type, ...fields } }) =>
    type === "marker" && (fields as { what?: string }).what === what;
}

/** The open of a file whose path begins so. */
export function open(path: string, where: Where = {}): Selector {
  return (moment) =>
    moment.event.type === "open" && moment.event.path.startsWith(path) && meets(moment, where);
}

/** The call that makes the machine jump. */
export const KEXEC: Selector = ({ event }) => event.type === "reboot" && event.cmd === "kexec";

/** The kernel that the jump leads to begins. */
export const BOOT: Selector = ({ event }) => event.type === "boot" && event.kind === "kexec";

/** The last event of the trace that is no marker of its end. */
export const END: Selector = marker("clean_end");

function meets(moment: Moment, where: Where): boolean {
  const { token, ...facts } = where;
  const { event } = moment;
  if (token !== undefined && (event.type !== "ioctl" || event.in?.["token"] !== token)) {
    return false;
  }
  return Object.entries(facts).every(([key, value]) => moment[key as keyof Moment] === value);
}
