/**
 * The state document: what the machine is after an event, as plain data. Equal states give equal
 * documents, whatever led to them: nothing in it depends on the order in which objects were made,
 * on serial numbers or on seqs.
 */

import type { Machine } from "../../engine/machine.js";
import { DEVICES, DOMAINS, deviceTitle } from "./describe-device.js";
import { describeLiveUpdate } from "./describe-liveupdate.js";
import { MEMFDS } from "./describe-memory.js";
import { describeProcess } from "./describe-process.js";
import { hexText, Naming } from "./naming.js";
import type { StateObject } from "./state-value.js";

export interface DescribedState {
  readonly document: StateObject;
  /** What the names in the document stand for; `process 7` is the process with pid 7. */
  readonly things: ReadonlyMap<string, object>;
}

/** Describes the machine; valid until the next `apply`, for long lists are read when needed. */
export function describeMachine(machine: Machine): DescribedState {
  const naming = new Naming(machine);
  // Processes first: their descriptors are the names by which most things are known.
  const processes = [...machine.processes.values()]
    .sort((a, b) => a.pid - b.pid)
    .map((process) => describeProcess(process, naming));
  nameDevices(machine, naming);
  const liveupdate = describeLiveUpdate(machine.liveUpdate, naming);
  for (const domain of machine.restoredDomains) {
    if (domain.end === undefined) naming.name(DOMAINS, domain);
  }
  const named_files = [...machine.tmpfs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, file]) => ({ path, file: naming.name(MEMFDS, file) }));
  const document = {
    version: 1,
    kernel: {
      epoch: machine.epoch,
      page_size: hexText(machine.page_size),
      liveupdate,
      named_files: named_files.length === 0 ? undefined : named_files,
    },
    processes,
    ...Object.fromEntries(naming.sections()),
  };
  const things = naming.things();
  for (const process of machine.processes.values()) things.set(`process ${process.pid}`, process);
  return { document, things };
}

/** Devices by their address; what is in front of them is named through them. */
function nameDevices(machine: Machine, naming: Naming): void {
  const devices = machine.devices.entries().map((device) => ({
    device,
    title: deviceTitle(device.hardware, naming),
  }));
  devices.sort((a, b) => (a.title < b.title ? -1 : 1));
  for (const { device } of devices) naming.name(DEVICES, device);
}

/** Only the document. */
export function describeState(machine: Machine): StateObject {
  return describeMachine(machine).document;
}
