/**
 * Lines about kernel drivers. The recorder does not see stores to sysfs, but the probes say which
 * driver they bound to their second device, and what came of it.
 */

import { isErrno } from "../../engine/errno.js";
import type { EventParts } from "./call-lines.js";
import type { RawLine } from "./raw-line.js";

/** The option of the probing program that names the device whose driver it changes. */
const DEVICE_OPTION = "-n";
const BIND = /^bind (?:kernel driver )?(\S+)/;

export class DriverLines {
  #device: string | undefined;

  /** Looks at every line in order: the program's arguments name the device. */
  observe(line: RawLine): void {
    const { argv } = line;
    if (line["ev"] !== "start" || !Array.isArray(argv)) return;
    const option = argv.indexOf(DEVICE_OPTION);
    this.#device = option < 0 ? undefined : String(argv[option + 1]);
  }

  /** The binding that a line tells about; undefined for every other line. */
  convert(line: RawLine): EventParts | undefined {
    if (line["ev"] !== "probe" || this.#device === undefined) return undefined;
    const driver = BIND.exec(String(line["op"]))?.[1];
    if (driver === undefined) return undefined;
    const { result } = line;
    const failed = typeof result === "string" && isErrno(result);
    return {
      type: "driver_bind",
      device: this.#device,
      driver,
      ...(failed ? { ret: -1, errno: result } : { ret: 0 }),
    };
  }
}
