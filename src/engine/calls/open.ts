import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import { openOther } from "../file/open-other.js";
import { openerOf } from "../file/openers.js";
import type { Machine } from "../machine.js";
import { openProcFd } from "../memory/open-proc-fd.js";

const O_PATH = 0o10000000;

/** open(2). Device nodes the model knows are opened by their own code; the rest is opaque. */
export function open(machine: Machine, event: EventOf<"open">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const opener = openerOf(event.path);
  // O_PATH names a file without opening it; only a descriptor of a descriptor still has one.
  if (opener === undefined || ((event.flags & O_PATH) !== 0 && opener !== openProcFd)) {
    openOther(call);
  } else opener(call);
  if (event.path.startsWith(PCI_FOLDER) && call.errno === undefined && !call.observedFailure) {
    noticeSysfsFile(machine, event);
  }
  return call;
}

const O_ACCMODE = 3;
/** What opens of files in it tell is noticed, whatever the model makes of the file. */
export const PCI_FOLDER = "/sys/bus/pci/devices/";
const CONFIG_SPACE = /^\/sys\/bus\/pci\/devices\/([0-9a-f:.]+)\/config$/;
/** Only a physical function with SR-IOV has these. */
const SRIOV_FILE = /^\/sys\/bus\/pci\/devices\/([0-9a-f:.]+)\/sriov_(?:total|num)vfs$/;

/** Whoever can write the config space decides about bus mastering; stores to it are not seen. */
function noticeSysfsFile(machine: Machine, { path, flags }: EventOf<"open">): void {
  const physical = SRIOV_FILE.exec(path)?.[1];
  if (physical !== undefined) machine.devices.noticeSriov(physical);
  const bdf = (flags & O_ACCMODE) === 0 ? undefined : CONFIG_SPACE.exec(path)?.[1];
  if (bdf !== undefined) machine.devices.find(bdf)?.observeBusMaster(machine, undefined);
}
