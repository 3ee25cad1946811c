/** Free compositions, with any number of VMs, devices and updates, with load and with faults. */

import type { Event } from "../../../engine/event/index.js";
import type { TraceHeader } from "../../header.js";
import { scenarioHeader } from "../scenario-text.js";
import type { Aftermath } from "./fault-kind.js";
import { restoreAll } from "./faults-arrival.js";
import type { Guest } from "./guest.js";
import { Host } from "./host.js";
import { commandOf, type FaultSpec, type SynthOptions } from "./options.js";

/** A composition as a trace: its events come in batches, so that it can be of any length. */
export interface Composition {
  readonly header: TraceHeader;
  batches(): Generator<readonly Event[]>;
}

/** The same options always give the same bytes. Memory does not grow with the number of events. */
export function compose(options: SynthOptions): Composition {
  const { profile, seed } = options;
  const header = scenarioHeader({ options: { profile, seed, title: commandOf(options) } });
  return { header, batches: () => new Composer(options).batches() };
}

/** Events between two looks at whether the trace is long enough. */
const BATCH = 256;
/** One in so many turns of the load maps or unmaps memory. */
const MAPPING_TURN = 16;
/** Devices touch memory only where a trace need not remember much. */
const STORE_BYTES = 8;
const STORE_RANGE = 0x1000;

class Composer {
  readonly #host: Host;
  readonly #options: SynthOptions;
  readonly #befallen = new Map<Guest, FaultSpec>();

  constructor(options: SynthOptions) {
    this.#options = options;
    this.#host = new Host(options);
    this.#chooseVictims();
  }

  *batches(): Generator<readonly Event[]> {
    const { updates, events = 0 } = this.#options;
    const host = this.#host;
    const { scenario } = host;
    for (let update = 1; update <= updates; update++) {
      yield* this.#run();
      const gone_on = yield* this.#update(update === updates);
      if (!gone_on) host.restart("crash");
    }
    if (updates === 0) yield* this.#run();
    if (events > 0) yield* this.#load(() => scenario.last_seq < events - 1);
    host.marker("clean_end");
    yield scenario.drain();
  }

  /** Which VM a fault befalls is left to the seed where it is not stated. */
  #chooseVictims(): void {
    const { guests, random } = this.#host;
    for (const fault of this.#options.faults) {
      if (fault.vm === undefined) continue;
      const guest = guests[fault.vm - 1];
      if (guest !== undefined) this.#befallen.set(guest, fault);
    }
    for (const fault of this.#options.faults) {
      if (fault.vm !== undefined) continue;
      const free = guests.filter((guest) => !this.#befallen.has(guest));
      this.#befallen.set(random.pick(free), fault);
    }
  }

  /** All VMs run; those that do not yet are started. */
  *#run(): Generator<readonly Event[]> {
    for (const guest of this.#host.guests) {
      if (!guest.running) guest.start();
      yield this.#host.scenario.drain();
    }
    yield* this.#phase();
  }

  /** One update; false when the node did not survive it. */
  *#update(last: boolean): Generator<readonly Event[], boolean> {
    const host = this.#host;
    const faulty = last ? this.#befallen : new Map<Guest, FaultSpec>();
    const lost = new Set<Guest>();
    const note = (guest: Guest, after: Aftermath | undefined): boolean => {
      if (after === "vm_lost") lost.add(guest);
      return after === "node_lost";
    };

    for (const guest of host.guests) {
      const acts = faulty.get(guest)?.kind.acts;
      if (acts?.preserve === undefined) guest.preserve();
      else acts.preserve(guest);
      note(guest, acts?.preserved?.(guest));
      yield host.scenario.drain();
    }
    const images = [...faulty.values()].map(({ kind }) => kind.acts.image);
    host.kexec(images.find((image) => image !== undefined));
    for (const guest of lost) guest.running = false;
    let node_lost = false;
    for (const [guest, { kind }] of faulty) {
      if (!lost.has(guest)) node_lost = note(guest, kind.acts.booted?.(guest)) || node_lost;
    }
    if (node_lost) return this.#allStop();
    if (!host.stopped) yield* this.#phase("blackout");
    if (host.phase1) {
      // Nothing can be restored: this is as far as the design goes.
      this.#allStop();
      host.restart("cold");
      return true;
    }
    host.startManager();
    for (const guest of host.guests) {
      if (lost.has(guest)) continue;
      const fault = faulty.get(guest);
      const restore = fault?.kind.acts.restore;
      if (restore === undefined) {
        guest.fetch();
        restoreAll(guest);
      } else {
        const after = restore(guest, fault?.step ?? fault?.kind.steps?.[0] ?? "");
        if (note(guest, after)) return this.#allStop();
      }
      yield host.scenario.drain();
    }
    for (const guest of lost) guest.running = false;
    host.marker("vcpus_resumed");
    yield* this.#phase();
    if (!last) for (const guest of host.guests) if (guest.running) guest.prepareAgain();
    return true;
  }

  #allStop(): false {
    for (const guest of this.#host.guests) guest.running = false;
    return false;
  }

  *#phase(kind: "running" | "blackout" = "running"): Generator<readonly Event[]> {
    const { guests } = this.#host;
    let left = this.#options.dma * guests.filter(({ running }) => running).length;
    yield* this.#load(() => left-- > 0, kind);
  }

  /** Load, one turn after another, while it is wanted. */
  *#load(wanted: () => boolean, kind: "running" | "blackout" = "running") {
    const { scenario, guests } = this.#host;
    const running = guests.filter((guest) => guest.running);
    if (running.length === 0) return;
    while (wanted()) {
      this.#turn(running, kind);
      if (scenario.events.length >= BATCH) yield scenario.drain();
    }
    yield scenario.drain();
  }

  /** One VM does something. */
  #turn(running: readonly Guest[], kind: "running" | "blackout"): void {
    const { random, scenario } = this.#host;
    const guest = random.pick(running);
    if (guest.arrived.length === 0) {
      if (kind === "blackout") return;
      const { vmm, memfd } = guest;
      const offset = BigInt(random.below(STORE_RANGE));
      const data = Uint8Array.from({ length: STORE_BYTES }, () => random.below(256));
      const store = { fd: memfd, offset, length_bytes: STORE_BYTES, data };
      scenario.add({ type: "cpu_write", pid: vmm.pid, ...store });
      return;
    }
    if (kind === "running" && random.below(MAPPING_TURN) === 0) guest.toggleScratch();
    else guest.dma(random.pick(guest.arrived));
  }
}
