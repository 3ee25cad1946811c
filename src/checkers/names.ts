/**
 * Names of objects in findings. Each has three forms: what people read, what stays the same between
 * two runs of one story (for fingerprints), and what tells objects apart inside one run.
 */

import {
  bootText,
  type Lineage,
  lineageText,
  type ObjectParts,
  objectPart,
  stableLineageText,
  stableObjectPart,
} from "../engine/lineage.js";

export interface ObjectName {
  /** For people: `vm7/iommufd#1/hwpt:token=0x4d@boot2`; see engine/lineage.ts. Printable. */
  readonly shown: string;
  /** For fingerprints, the same in every recording: `vm7/iommufd/hwpt:token=0x4d`. */
  readonly stable: string;
  /** Unique in the trace: the object's serial with its kind. */
  readonly key: string;
}

interface Numbered {
  readonly serial: number;
}

/** What has a lineage and lives in one kernel. */
interface Lived {
  readonly lineage: Pick<Lineage, "kind" | "name" | "number" | "session">;
  readonly epoch: number;
}

/** Its lineage, and where it is now: `vm7/memfd "ram"@boot2`. */
export function livedText({ lineage, epoch }: Lived): string {
  return lineageText(lineage, printable) + bootText(epoch);
}

const NAME_LENGTH_MAX = 80;

/**
 * Text from a trace made safe to print: bytes are read as UTF-8 where they are that, control
 * characters become \xNN, long text is cut.
 */
export function printable(text: string): string {
  const end = text.indexOf("\0");
  const shown = decoded(end < 0 ? text : text.slice(0, end)).slice(0, NAME_LENGTH_MAX);
  let safe = "";
  for (const character of shown) {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0) || isInvisible(code);
    safe += control ? `\\x${code.toString(16).padStart(2, "0")}` : character;
  }
  return safe;
}

/** Byte arrays of structs hold one byte a character. */
function decoded(text: string): string {
  const utf8 = Buffer.from(text, "latin1").toString("utf8");
  return Buffer.from(utf8, "utf8").toString("latin1") === text ? utf8 : text;
}

/** Characters that change the direction or the place of what follows them. */
function isInvisible(code: number): boolean {
  return (
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0xfeff
  );
}

export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** A name that is the same in all three forms: a PCI address, a path. */
export function plainName(kind: string, text: string): ObjectName {
  const shown = printable(text);
  return { shown, stable: shown, key: `${kind}:${text}` };
}

export function deviceName(bdf: string): ObjectName {
  return plainName("device", bdf);
}

export function processName(process: {
  readonly pid: number;
  readonly role?: string | undefined;
  readonly comm?: string | undefined;
  /** Seq of the event that started it: pids are given out again. */
  readonly started_seq: number;
}): ObjectName {
  const what = process.role ?? process.comm;
  const suffix = what === undefined ? "" : ` (${printable(what)})`;
  return {
    shown: `pid ${process.pid}${suffix}`,
    stable: `process${suffix}`,
    key: `process:${process.pid}/${process.started_seq}`,
  };
}

/** `session "vm7"@boot2`; the second session of that name is `session "vm7"#2`. */
export function sessionName(session: NamedSession): ObjectName {
  const stable = stableLineageText(session.lineage, printable);
  return { shown: livedText(session), stable, key: `session:${session.serial}` };
}

type NamedSession = Numbered & Lived;

/** A session that does not exist, or whose object is out of reach: known by its name alone. */
export function sessionNamed(name: string): ObjectName {
  const shown = `session "${printable(name)}"`;
  return { shown, stable: shown, key: shown };
}

export function tokenName(token: bigint): ObjectName {
  const shown = `token ${hex(token)}`;
  return { shown, stable: shown, key: shown };
}

/** One file of a session: its token is what crosses a kexec. */
export function sessionFileName(session: NamedSession, token: bigint): ObjectName {
  const name = sessionName(session);
  const file = `token ${hex(token)} of `;
  return {
    shown: file + name.shown,
    stable: file + name.stable,
    key: `${name.key}/${hex(token)}`,
  };
}

/** An iommufd, as far as its name is concerned. */
type NamedContext = Numbered & Lived;

/** `vm7/iommufd#1@boot2`: the session that took it last, which one it is, the kernel it is in. */
export function iommufdName(context: NamedContext): ObjectName {
  return {
    shown: livedText(context),
    stable: stableLineageText(context.lineage, printable),
    key: `iommufd:${context.serial}`,
  };
}

/** `iommufd#1/hwpt:5`; once its iommufd went into a session, `vm7/iommufd#1/hwpt:token=0x4d`. */
export function objectName(
  object: ObjectParts & { readonly serial: number; readonly context: NamedContext },
): ObjectName {
  return partName(object.context, object, object.serial);
}

/** An object that is gone, or an id that names nothing. */
export function idName(
  context: NamedContext,
  type: string,
  id: number,
  serial: number | string = id,
): ObjectName {
  return partName(context, { type, id }, serial);
}

function partName(context: NamedContext, parts: ObjectParts, serial: number | string): ObjectName {
  const { lineage, epoch } = context;
  return {
    shown: `${lineageText(lineage, printable)}/${objectPart(parts)}${bootText(epoch)}`,
    stable: `${stableLineageText(lineage, printable)}/${stableObjectPart(parts)}`,
    key: `iommufd:${context.serial}/${parts.type}:${serial}`,
  };
}

/** A descriptor of a process. */
export function fdName(pid: number, fd: number): ObjectName {
  return { shown: `pid ${pid} fd ${fd}`, stable: "fd", key: `fd:${pid}/${fd}` };
}

/** `first..last`, both inclusive. */
export function rangeText(first: bigint, last: bigint): string {
  return first === last ? hex(first) : `${hex(first)}..${hex(last)}`;
}

/** `1 session`, `2 sessions`. */
export function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
