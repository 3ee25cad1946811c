/** Calls and turns of a story that scenarios do not have by themselves. */

import type { EventOf } from "../../src/engine/event/index.js";
import {
  addSeals,
  F_SEAL_SHRINK,
  ftruncate,
  memfd as makeMemfd,
} from "../../src/replay/scenario/process-calls.js";
import type { Ending, Scenario } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";

export { addSeals, F_SEAL_SHRINK, ftruncate };
export const F_SEAL_GROW = 4;
export const FALLOC_FL_PUNCH_HOLE = 3;

/** A memfd of 64 KiB, or of another size, that can still be sealed. */
export function memfd(process: ScenarioProcess, name: string, length_bytes = 0x10000n): number {
  return makeMemfd(process, name, length_bytes);
}

export function fallocate(
  p: ScenarioProcess,
  fd: number,
  range: { readonly mode: number; readonly offset: bigint; readonly length: bigint },
  ending?: Ending,
): void {
  p.scenario.call({ type: "fallocate", pid: p.pid, fd, ...range }, ending);
}

type Boot = EventOf<"boot">;

/** The machine jumps into its next kernel. */
export function kexec(
  scenario: Scenario,
  pid: number,
  facts: Partial<Boot> = {},
  how: "kexec_file_load" | "kexec_load" = "kexec_file_load",
): void {
  scenario.add({ type: "kexec_load", pid, how, ret: 0 });
  scenario.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
  boot(scenario, "kexec", facts);
}

export function boot(scenario: Scenario, kind: Boot["kind"], facts: Partial<Boot> = {}): void {
  const next = scenario.machine.epoch + 1;
  scenario.add({ type: "boot", kind, boot: next, liveupdate: true, kho: true, ...facts });
}

type Marker = EventOf<"marker">["what"];

export function marker(scenario: Scenario, what: Marker): void {
  scenario.add({ type: "marker", what });
}

/** A note that stands for nothing but its place. */
export function note(scenario: Scenario, text: string): void {
  scenario.add({ type: "note", text });
}

/** A manager with /dev/liveupdate open. */
export function startManager(scenario: Scenario): { manager: ScenarioProcess; luo: number } {
  const manager = scenario.start("manager");
  return { manager, luo: manager.open("/dev/liveupdate") };
}

/** A manager with a session that holds one memfd, under token 1. */
export function preserveRam(scenario: Scenario, name = "vm1") {
  const { manager, luo } = startManager(scenario);
  const session = manager.createSession(luo, name);
  const ram = memfd(manager, "ram");
  manager.preserve(session, ram, 1n);
  return { manager, luo, session, ram };
}

/** The next kernel's manager has retrieved the session. */
export function retrieveAfterKexec(scenario: Scenario, old: ScenarioProcess, name = "vm1") {
  kexec(scenario, old.pid);
  const { manager, luo } = startManager(scenario);
  const session = manager.retrieveSession(luo, name);
  return { manager, luo, session };
}
