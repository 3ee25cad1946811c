/**
 * reboot(2) is recorded before the call, because a jump leaves nobody to record it. What the same
 * process did next in the same kernel shows that the call came back, and a `probe` line with what.
 */

import { isErrno } from "../../engine/errno.js";
import type { EventParts } from "./call-lines.js";
import { type RawLine, rawNumber } from "./raw-line.js";

/** LINUX_REBOOT_CMD_KEXEC, _RESTART and _POWER_OFF. */
const COMMANDS: Readonly<Record<number, "kexec" | "restart" | "power_off">> = {
  1163412803: "kexec",
  19088743: "restart",
  1126301404: "power_off",
};

/** @param following The lines of the same kernel behind this one, in order. */
export function rebootParts(line: RawLine, following: Iterable<RawLine>): EventParts {
  const cmd = COMMANDS[rawNumber(line, "how")] ?? "other";
  for (const next of following) {
    if (next["pid"] !== line["pid"]) continue;
    const result = next["ev"] === "probe" ? next["result"] : undefined;
    const errno = typeof result === "string" && isErrno(result) ? { errno: result } : {};
    return { type: "reboot", cmd, ret: -1, ...errno };
  }
  return { type: "reboot", cmd, never_returned: true };
}
