/**
 * What the arguments of the recorder's live-update programs tell about the machine: the PCI
 * addresses of its devices and which kind each is. Of the recorder's machine it is known that the
 * nodes are numbered in the order of the addresses, and that each slot is a group of its own with
 * the slot's number.
 */

import type { DeviceFacts } from "../../engine/event/index.js";
import type { RawLine } from "./raw-line.js";

/** Programs that take the devices they drive as arguments. */
const PROGRAMS: ReadonlySet<unknown> = new Set(["lu_probe", "lu_fuzz"]);
const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:([0-9a-f]{2})\.[0-7]$/;

type Hardware = Pick<DeviceFacts, "vendor" | "device" | "bars">;

const EDU: Hardware = {
  vendor: "0x1234",
  device: "0x11e8",
  bars: [{ index: 0, length_bytes: 0x10_0000n, kind: "memory" }],
};

/** What the options name. */
const HARDWARE: Readonly<Record<string, Hardware>> = {
  "-e": EDU,
  "-x": EDU,
  "-n": { vendor: "0x1b36", device: "0x0010" },
};

/** The devices of a `start` line's program; empty where it names none. */
export function programDevices(line: RawLine): DeviceFacts[] {
  const { argv } = line;
  if (!PROGRAMS.has(line["comm"]) || !Array.isArray(argv)) return [];
  const words = argv.filter((word): word is string => typeof word === "string");
  return words
    .flatMap((bdf, index) => {
      const slot = PCI_ADDRESS.exec(bdf)?.[1];
      if (slot === undefined) return [];
      const group = Number.parseInt(slot, 16);
      return [{ bdf, group, driver: "vfio-pci", ...HARDWARE[words[index - 1] ?? ""] }];
    })
    .sort((a, b) => (a.bdf < b.bdf ? -1 : 1))
    .map((facts, index) => ({ ...facts, cdev: `/dev/vfio/devices/vfio${index}` }));
}
