/** `--at`: a point in a trace, by event or by kernel. */

import type { Argv } from "yargs";
import type { AtPoint } from "../replay/at-point.js";
import { READING } from "./options.js";
import { UsageError } from "./usage-error.js";

const SEQ = /^#?(\d+|0x[0-9a-f]+)$/i;
const BOOT = /^(before-)?boot(\d+)$/i;

export function atOption<T, Name extends string>(yargs: Argv<T>, name: Name, what: string) {
  return yargs.option(name, {
    type: "string",
    group: READING,
    requiresArg: true,
    describe:
      `${what}: after event #N (as check and replay number them), or boot2 (kernel 2 has` +
      " just started), or before-boot2 (the last moment of the kernel before it)",
    coerce: (text: string | undefined) => atPoint(name, text),
  });
}

function atPoint(option: string, text: string | undefined): AtPoint | undefined {
  if (text === undefined) return undefined;
  const seq = Number(SEQ.exec(text)?.[1]);
  if (Number.isSafeInteger(seq)) return { seq };
  const [, before, number] = BOOT.exec(text) ?? [];
  const boot = Number(number);
  const isFirst = before !== undefined && boot === 1;
  if (Number.isSafeInteger(boot) && boot >= 1 && !isFirst) {
    return { boot, before: before !== undefined };
  }
  const forms = "an event number (120 or #120) or a kernel (boot2 or before-boot2)";
  throw new UsageError(`--${option} needs ${forms}, not ${text}`);
}
