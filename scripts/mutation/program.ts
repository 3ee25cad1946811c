/**
 * A recorded trace read as a program: which call gave each descriptor, object id and process that a
 * later call uses. Told again with one call changed, a later call uses what its program has now.
 */

import { ID_FIELDS } from "../../src/checkers/id-fields.js";
import { fileAt, objectOf } from "../../src/checkers/subjects.js";
import { viewOf } from "../../src/checkers/view.js";
import type { Event, IoctlEvent } from "../../src/engine/event/index.js";
import type { Machine, Step } from "../../src/engine/machine.js";
import { PROFILES, type ProfileId } from "../../src/engine/profile/index.js";
import { compareOutcome } from "../../src/replay/compare.js";
import type { TraceHeader } from "../../src/replay/header.js";
import { startMachine } from "../../src/replay/start-machine.js";
import { type Moment, momentOf } from "./moment.js";

/** A trace as its file has it. */
export interface RecordedTrace {
  readonly name: string;
  readonly header: TraceHeader;
  readonly events: readonly Event[];
}

/** Where a number stands in an event: the names of the fields, outermost first. */
export type Place = readonly (string | number)[];

/** A number that an earlier call gave. */
export interface Use {
  readonly place: Place;
  readonly handle: number;
}

/** What a call gives: its n-th new descriptor, or a field of its struct. */
export interface Gift {
  readonly from: { readonly descriptor: number } | { readonly field: string };
  readonly handle: number;
}

/** One event of the program. */
export interface ProgramStep {
  readonly event: Event;
  readonly moment: Moment;
  readonly uses: readonly Use[];
  readonly gifts: readonly Gift[];
  /** The process begins with this event. */
  readonly starts: boolean;
  /** Index of the event that sent what this one receives. */
  readonly sent_by: number | undefined;
  /** The model gives the recorded answer: it can be worked out anew. */
  readonly answered_by_model: boolean;
}

export interface Program {
  readonly trace: RecordedTrace;
  readonly profile: ProfileId;
  readonly steps: readonly ProgramStep[];
  readonly handles: number;
}

/** The profile a trace is told under. */
export function profileOf({ header }: RecordedTrace): ProfileId {
  return header.profile ?? "luo73";
}

export function programOf(trace: RecordedTrace): Program {
  const profile = profileOf(trace);
  const machine = startMachine(PROFILES[profile], trace.header);
  const names = new HandleNames();
  const sent = new Map<object, number>();
  const steps = trace.events.map((event, index) => {
    const starts = event.pid !== undefined && !machine.processes.has(event.pid);
    const moment = momentOf(machine, event, index);
    const uses = names.usesOf(machine, event);
    const context = contextOf(machine, event);
    const sending = event.type === "send_fds" ? event.fds : [];
    for (const fd of sending) {
      const file = machine.processes.get(event.pid ?? 0)?.fds.get(fd);
      if (file !== undefined) sent.set(file, index);
    }
    const step = machine.apply(event);
    const sent_by = senderOf(step, sent);
    const gifts = names.giftsOf(step, context ?? contextOf(machine, event));
    const answered_by_model = isAnswered(step);
    return { event, moment, uses, gifts, starts, sent_by, answered_by_model };
  });
  return { trace, profile, steps, handles: names.count };
}

/** The model can answer the call anew: it said the same, or had nothing against the answer. */
function isAnswered({ event, outcome }: Step): boolean {
  if (event.type === "driver_bind" && outcome.judgement === "none") return true;
  if (outcome.judgement !== "predicted" || compareOutcome(event, outcome).length > 0) return false;
  // Registers and contents come from outside: no model can tell them.
  const told = "data" in event && outcome.data === undefined;
  return !told && outcome.adopted.every((field) => NUMBERS.test(field));
}

/** Numbers that the kernel chooses, and that the model can choose as well. */
const NUMBERS = /^(ret|address|newfd|fd|out_\w*(fd|id))$/;

function senderOf({ transitions }: Step, sent: ReadonlyMap<object, number>): number | undefined {
  const passed = transitions.find(({ kind }) => kind === "file_passed");
  return passed?.kind === "file_passed" ? sent.get(passed.file) : undefined;
}

/** The iommufd that the ids of a call belong to. */
function contextOf(machine: Machine, event: Event): object | undefined {
  if (event.type !== "ioctl") return undefined;
  const view = viewOf(machine);
  const iommufd = event.op === "VFIO_DEVICE_BIND_IOMMUFD" ? event.in?.["iommufd"] : undefined;
  const file = fileAt(view, event.pid, iommufd === undefined ? event.fd : Number(iommufd));
  return objectOf(file, "iommufd") ?? objectOf(file, "vfio_device")?.device.bond?.object.context;
}

/** Fields of a struct that tell the program an object's id. */
const TOLD_ID = /^(out_\w*id|pt_id)$/;
/** Calls whose struct names an open file in its field `fd`. */
const TAKES_FD = /^(LIVEUPDATE_SESSION_PRESERVE_FD|IOMMU_IOAS_MAP_FILE)$/;

/** Follows descriptors and ids through the trace, each under a number of its own. */
class HandleNames {
  count = 0;
  #descriptors = new Map<number, Map<number, number>>();
  readonly #ids = new Map<object, Map<number, number>>();

  usesOf(machine: Machine, event: Event): Use[] {
    const uses: Use[] = [];
    const { pid } = event;
    const descriptor = (place: Place, fd: unknown): void => {
      const handle = this.#table(pid ?? -1).get(Number(fd));
      if (handle !== undefined) uses.push({ place, handle });
    };
    if ("fd" in event) descriptor(["fd"], event.fd);
    if ("socket" in event) descriptor(["socket"], event.socket);
    if (event.type === "send_fds") {
      for (const [index, fd] of event.fds.entries()) descriptor(["fds", index], fd);
    }
    if (event.type !== "ioctl" || event.in === null || event.in === undefined) return uses;
    if (TAKES_FD.test(event.op)) descriptor(["in", "fd"], event.in["fd"]);
    if (event.op === "VFIO_DEVICE_BIND_IOMMUFD") descriptor(["in", "iommufd"], event.in["iommufd"]);
    return [...uses, ...this.#idUses(contextOf(machine, event), event)];
  }

  giftsOf(step: Step, context: object | undefined): Gift[] {
    const { event, transitions } = step;
    if (event.type === "boot") this.#descriptors = new Map();
    if (event.type === "exit") this.#descriptors.delete(event.pid);
    if (event.type === "fork" && event.child !== undefined) {
      this.#descriptors.set(event.child, new Map(this.#table(event.pid)));
    }
    const gifts: Gift[] = [];
    let descriptor = 0;
    for (const transition of transitions) {
      if (transition.kind !== "fd_installed") continue;
      const handle = this.count++;
      this.#table(transition.process.pid).set(transition.fd, handle);
      gifts.push({ from: { descriptor: descriptor++ }, handle });
    }
    if (event.type !== "ioctl" || context === undefined) return gifts;
    for (const [field, id] of Object.entries(event.out ?? {})) {
      if (!TOLD_ID.test(field) || typeof id !== "number") continue;
      const handle = this.count++;
      this.#idTable(context).set(id, handle);
      gifts.push({ from: { field }, handle });
    }
    return gifts;
  }

  #idUses(context: object | undefined, { op, in: args }: IoctlEvent): Use[] {
    if (context === undefined) return [];
    return (ID_FIELDS[op] ?? []).flatMap((field) => {
      const handle = this.#idTable(context).get(Number(args?.[field]));
      return handle === undefined ? [] : [{ place: ["in", field], handle }];
    });
  }

  #table(pid: number): Map<number, number> {
    return entryOf(this.#descriptors, pid);
  }

  #idTable(context: object): Map<number, number> {
    return entryOf(this.#ids, context);
  }
}

function entryOf<K>(tables: Map<K, Map<number, number>>, key: K): Map<number, number> {
  const known = tables.get(key);
  if (known !== undefined) return known;
  const table = new Map<number, number>();
  tables.set(key, table);
  return table;
}
