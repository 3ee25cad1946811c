import { Machine } from "../engine/machine.js";
import type { ProcessRole } from "../engine/process/process.js";
import type { Profile } from "../engine/profile/index.js";
import type { TraceHeader } from "./header.js";

/** A machine as a trace's header describes it, before the first event. */
export function startMachine(profile: Profile, header: TraceHeader | undefined): Machine {
  const machine = new Machine(profile);
  if (header === undefined) return machine;
  if (header.boot !== undefined) machine.epoch = header.boot;
  machine.knownRoles = new Map(
    Object.entries(header.roles ?? {}).map(([pid, role]): [number, ProcessRole] => [
      Number(pid),
      role,
    ]),
  );
  if (header.machine !== undefined) {
    machine.apply({ type: "machine", seq: 0, facts: header.machine });
  }
  return machine;
}
