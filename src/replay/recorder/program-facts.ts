/**
 * What the arguments of the recorder's live-update programs tell about the machine: the PCI
 * addresses of its devices. Their nodes are numbered in the order of the addresses.
 */

import type { DeviceFacts } from "../../engine/event/index.js";
import type { RawLine } from "./raw-line.js";

/** Programs that take the devices they drive as arguments. */
const PROGRAMS: ReadonlySet<unknown> = new Set(["lu_probe", "lu_fuzz"]);
const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** The devices of a `start` line's program; empty where it names none. */
export function programDevices(line: RawLine): DeviceFacts[] {
  const argv = line["argv"];
  if (!PROGRAMS.has(line["comm"]) || !Array.isArray(argv)) return [];
  return argv
    .map(String)
    .filter((argument) => PCI_ADDRESS.test(argument))
    .sort()
    .map((bdf, index) => ({ bdf, cdev: `/dev/vfio/devices/vfio${index}`, driver: "vfio-pci" }));
}
