/** What the recorder's lines tell about the edu device, its clock, and the memory around a DMA. */

import {
  optionalNumber,
  type RawLine,
  rawBytes,
  rawLines,
  rawNumber,
  rawString,
  rawU64,
} from "./raw-line.js";

export const EDU_NAMES = { vendor: "0x1234", device: "0x11e8", unknown: "edu" } as const;

const EDU_COUNT = 0x90;
const CDEV = /^\/dev\/vfio\/devices\/(vfio\d+)$/;
const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
/** A run of bytes that all kept their value by chance is shorter than this. */
const CHANCE_BYTES = 8;

/** Programs that write a line for every store to memory that a device can reach. */
const PROGRAMS: ReadonlySet<unknown> = new Set(["edu_dma", "edu_p2p", "vfio_fuzz"]);

/** True for a line of a program whose stores are all in the capture. */
export function recordsItsStores(line: RawLine): boolean {
  return PROGRAMS.has(line["comm"]);
}

export class EduFacts {
  /** Its PCI address or the name of its cdev. */
  device: string | undefined;
  /** To add to a line's `ts` for nanoseconds of wall clock time. */
  clock_offset_ns: number | undefined;
  /** What the count register holds. */
  count = 0;
  /** Last known bytes by place, as a program wrote or found them. */
  readonly #contents = new Map<string, Uint8Array>();
  /** Descriptors of the programs' memfds, by name. */
  readonly #memfds = new Map<string, number>();
  #fromMachine = false;

  observe(line: RawLine): void {
    switch (line["ev"]) {
      case "start":
        if (typeof line["realtime_ns"] === "number") {
          this.clock_offset_ns = line["realtime_ns"] - rawNumber(line, "ts");
        }
        return;
      case "machine":
        this.#machine(line["devices"]);
        return;
      case "open":
        // The programs open the device whose engine they drive first.
        if (this.device === undefined) this.device = CDEV.exec(rawString(line, "path"))?.[1];
        return;
      case "memfd_create":
        this.#memfds.set(rawString(line, "name"), rawNumber(line, "ret"));
        return;
      case "mmio":
        if (line["op"] === "w" && rawNumber(line, "off") === EDU_COUNT) {
          this.count = Number(rawU64(line, "val"));
        }
        return;
      case "cpu_write":
      case "ram": {
        const place = placeOf(line);
        const data = rawBytes(line, "hex");
        if (place !== undefined && data !== null) this.#contents.set(place, data);
      }
    }
  }

  /** The PCI address behind a device's name, where the name is one. */
  pciAddressOf(device: string): string | undefined {
    return PCI_ADDRESS.test(device) ? device : undefined;
  }

  /** The memfd a content line without an address talks about: the offset's key says which. */
  memfdOf(line: RawLine): number | undefined {
    if (line["huge_off"] !== undefined) return this.#memfds.get("dma-huge");
    return line["memfd_off"] === undefined ? undefined : this.#memfds.get("dma-ram");
  }

  /**
   * True when one of the lines that follow a write DMA shows that all its bytes reached memory: a
   * program looked at the whole target, and no longer run of bytes kept its value.
   */
  isChanged(length_bytes: number, following: Iterable<RawLine>): boolean {
    for (const line of following) {
      const kind = line["ev"];
      if (kind === "dma" || kind === "cpu_write" || kind === "mmio") {
        if (kind === "mmio" && line["op"] === "r") continue;
        return false;
      }
      if (kind !== "ram" || rawNumber(line, "len") !== length_bytes) continue;
      const place = placeOf(line);
      const before = place === undefined ? undefined : this.#contents.get(place);
      const after = rawBytes(line, "hex");
      if (before === undefined || after === null) continue;
      if (before.length >= after.length && allChanged(before, after)) return true;
    }
    return false;
  }

  #machine(devices: unknown): void {
    if (this.#fromMachine) return;
    const edu = rawLines(devices).find(
      (device) =>
        device["vendor"] === EDU_NAMES.vendor &&
        device["device"] === EDU_NAMES.device &&
        device["cdev"] !== undefined,
    );
    if (edu === undefined) return;
    this.device = rawString(edu, "bdf");
    this.#fromMachine = true;
  }
}

/** A name for the place a content line talks about. */
function placeOf(line: RawLine): string | undefined {
  for (const key of ["va", "memfd_off", "anon_off", "huge_off"]) {
    if (line[key] !== undefined)
      return `${optionalNumber(line, "map_fd") ?? ""}:${key}:${JSON.stringify(line[key])}`;
  }
  return undefined;
}

function allChanged(before: Uint8Array, after: Uint8Array): boolean {
  let run = 0;
  for (let index = 0; index < after.length; index++) {
    run = before[index] === after[index] ? run + 1 : 0;
    if (run >= CHANCE_BYTES || (run === after.length && run > 0)) return false;
  }
  return after.length > 0;
}
