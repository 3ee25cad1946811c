import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import { bootDomains } from "./domain-boot.js";
import { LiveUpdate } from "./live-update.js";
import { serialize } from "./serialize.js";
import type { LuoSession } from "./session.js";

/** How one kernel follows another. `start` is the first kernel of a trace. */
export type BoundaryKind = EventOf<"boot">["kind"];

/** What else a boot changes: device ownership, restored domains. Run once sessions have crossed. */
export type BoundaryStep = (machine: Machine, event: EventOf<"boot">) => void;

const STEPS: readonly BoundaryStep[] = [bootDomains, takeFreezeFacts];

/**
 * A kernel ends and another runs. Processes are gone without a call: nothing is closed, nothing is
 * unpreserved. Sessions cross when reboot(KEXEC) serialized them and both sides speak live update.
 */
export function crossBoundary(machine: Machine, event: EventOf<"boot">): void {
  const sessions = leaveKernel(machine, event.kind);
  const old = machine.liveUpdate;
  const next = new LiveUpdate();
  machine.liveUpdate = next;
  machine.tmpfs.clear();
  machine.knownRoles = new Map();
  machine.epoch++;
  next.missingHandlers = new Set(event.missing_handlers ?? []);
  enableLiveUpdate(next, event);
  const crosses = event.kind === "kexec" && old.kexecImage !== "kexec_load" && next.enabled;
  const arrived = crosses && event.luo_abi_matches !== false ? sessions : [];
  for (const session of arrived) arrive(next, session, machine.epoch);
  const lost = [...sessions, ...old.incoming.values()].filter((s) => !arrived.includes(s));
  const unreachable = event.kind === "kexec" && !next.enabled;
  for (const session of lost) {
    const here = unreachable && session.isOutgoing;
    if (here) session.epoch = machine.epoch;
    lose(session, here);
  }
  for (const step of STEPS) step(machine, event);
  machine.emit({ kind: "kernel_booted", how: event.kind, epoch: machine.epoch, arrived, lost });
}

/** What the running kernel's command line says about live update; unsaid means on. */
export function enableLiveUpdate(liveUpdate: LiveUpdate, event: EventOf<"boot">): void {
  liveUpdate.enabled = event.liveupdate !== false && event.kho !== false;
}

/** Whether this kernel's freeze will stop devices: its design, unless the boot event tells. */
export function takeFreezeFacts(machine: Machine, event: EventOf<"boot">): void {
  const { freeze_stops_device } = machine.profile.boot;
  machine.freeze_stops_device = event.freeze_stops_device ?? freeze_stops_device;
}

/** Ends the old kernel; returns its own sessions. */
function leaveKernel(machine: Machine, kind: BoundaryKind): LuoSession[] {
  const { liveUpdate } = machine;
  // A kexec that was not seen to be called did serialize, or the machine would not have jumped.
  if (kind === "kexec" && !liveUpdate.serialized) serialize(machine, "jump");
  for (const process of machine.processes.values()) {
    process.alive = false;
    machine.emit({ kind: "process_exited", process, cause: "kernel_gone" });
  }
  machine.processes.clear();
  return [...liveUpdate.outgoing.values()];
}

function arrive(next: LiveUpdate, session: LuoSession, epoch: number): void {
  session.epoch = epoch;
  session.state = "in_wait";
  session.retrieved = false;
  for (const luoFile of session.files.values()) {
    luoFile.state = "waiting";
    luoFile.file = undefined;
  }
  next.incoming.set(session.name, session);
}

function lose(session: LuoSession, unreachable: boolean): void {
  session.state = unreachable ? "unreachable" : "gone";
  for (const luoFile of session.files.values()) luoFile.state = "lost";
}
