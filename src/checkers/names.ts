/**
 * Names of objects in findings. Each has three forms: what people read, what stays the same between
 * two runs of one story (for fingerprints), and what tells objects apart inside one run.
 */

export interface ObjectName {
  /** For people: `iommufd#1/hwpt:5`. Printable. */
  readonly shown: string;
  /** For fingerprints: `iommufd/hwpt`. */
  readonly stable: string;
  /** Unique in the trace: the object's serial with its kind. */
  readonly key: string;
}

interface Numbered {
  readonly serial: number;
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
}): ObjectName {
  const what = process.role ?? process.comm;
  const suffix = what === undefined ? "" : ` (${printable(what)})`;
  return {
    shown: `pid ${process.pid}${suffix}`,
    stable: `process${suffix}`,
    key: `process:${process.pid}`,
  };
}

export function sessionName(session: Numbered & { readonly name: string }): ObjectName {
  const shown = `session "${printable(session.name)}"`;
  return { shown, stable: shown, key: `session:${session.serial}` };
}

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
export function sessionFileName(
  session: Numbered & { readonly name: string },
  token: bigint,
): ObjectName {
  const shown = `token ${hex(token)} of session "${printable(session.name)}"`;
  return { shown, stable: shown, key: `session:${session.serial}/${hex(token)}` };
}

/** An iommufd, as far as its name is concerned. */
interface NamedContext extends Numbered {
  readonly machine: object;
}

/** How many iommufds of a machine have a number, and which one has which. */
const counts = new WeakMap<object, number>();
const numbers = new WeakMap<object, number>();

/** The number of an iommufd in its trace, from 1, in the order in which they are met. */
export function numberOf(context: NamedContext): number {
  const known = numbers.get(context);
  if (known !== undefined) return known;
  const number = (counts.get(context.machine) ?? 0) + 1;
  counts.set(context.machine, number);
  numbers.set(context, number);
  return number;
}

export function iommufdName(context: NamedContext): ObjectName {
  const key = `iommufd:${context.serial}`;
  return { shown: `iommufd#${numberOf(context)}`, stable: "iommufd", key };
}

/** `iommufd#1/hwpt:5`. */
export function objectName(object: {
  readonly type: string;
  readonly id: number;
  readonly serial: number;
  readonly context: NamedContext;
}): ObjectName {
  return idName(object.context, object.type, object.id, object.serial);
}

/** An object that is gone, or an id that names nothing. */
export function idName(
  context: NamedContext,
  type: string,
  id: number,
  serial: number | string = id,
): ObjectName {
  const kind = SHORT_TYPES[type] ?? type.toLowerCase();
  return {
    shown: `iommufd#${numberOf(context)}/${kind}:${id}`,
    stable: `iommufd/${kind}`,
    key: `iommufd:${context.serial}/${kind}:${serial}`,
  };
}

const SHORT_TYPES: Readonly<Record<string, string>> = {
  HWPT_PAGING: "hwpt",
  HWPT_NESTED: "hwpt-nested",
};

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
