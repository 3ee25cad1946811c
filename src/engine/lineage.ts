/**
 * Lineage: which thing something is, across kernels, processes and descriptors. What a live update
 * brings back is a new object with another id; it shares the lineage of the object that was
 * preserved. Names in findings, states and diffs all come from here.
 *
 * A name is `vm7/iommufd#1/hwpt:token=0x4d@boot2`: the session that took the thing last, the thing,
 * and the kernel that this object lives in, where that is not the first one of the trace.
 */

/** What has a lineage of its own. */
export type LineageKind =
  | "iommufd"
  | "memfd"
  | "file"
  | "device"
  | "session"
  | "hwpt"
  | "kvm_vm"
  | "guest_memfd";

/** Shared by all objects that are one thing in one kernel after another. */
export class Lineage {
  /** Name of the session that preserved it last; undefined before one does. */
  session: string | undefined;

  constructor(
    readonly kind: LineageKind,
    /** What it was called when it was made: a memfd's name, a path, a token. */
    readonly name: string,
    /** Counts the things of one kind and name, from 1, in the order in which they were made. */
    readonly number: number,
  ) {}
}

/** So many names are counted; in a trace with more, later names start at 1 again and again. */
const NAMES_MAX = 100_000;

/** Gives out lineages of one trace. */
export class Lineages {
  private readonly _counts = new Map<string, number>();

  /** A new thing; `within` tells apart things whose names only differ by what they are part of. */
  start(kind: LineageKind, name: string, within = ""): Lineage {
    const key = `${kind} ${within} ${name}`;
    const number = (this._counts.get(key) ?? 0) + 1;
    if (number > 1 || this._counts.size < NAMES_MAX) this._counts.set(key, number);
    return new Lineage(kind, name, number);
  }
}

/** How text that a trace chose is written in a name. */
export type Clean = (text: string) => string;

type LineageParts = Pick<Lineage, "kind" | "name" | "number" | "session">;

/** The words for a thing, without its number. */
const WORDS: Readonly<Record<LineageKind, (name: string) => string>> = {
  iommufd: () => "iommufd",
  memfd: (name) => `memfd "${name}"`,
  file: (name) => name,
  device: (name) => `device ${name}`,
  session: (name) => `session "${name}"`,
  hwpt: (name) => `hwpt:token=${name}`,
  kvm_vm: () => "kvm_vm",
  guest_memfd: () => "guest_memfd",
};

const NAMELESS: ReadonlySet<LineageKind> = new Set(["iommufd", "kvm_vm", "guest_memfd"]);

const asItIs: Clean = (text) => text;

/** `vm7/iommufd#1`: the same in every kernel, unique in the trace. */
export function lineageText(lineage: LineageParts, clean: Clean = asItIs): string {
  const { kind, number } = lineage;
  // What nobody gave a name is known by its number; a device is known by its address.
  const counted = number > 1 || NAMELESS.has(kind) ? `#${number}` : "";
  return stableLineageText(lineage, clean) + counted;
}

/** `vm7/iommufd`: the same in every recording of the same story, and not unique. */
export function stableLineageText(lineage: LineageParts, clean: Clean = asItIs): string {
  const { kind, name, session } = lineage;
  const root = session === undefined ? "" : `${clean(session)}/`;
  return root + WORDS[kind](clean(name));
}

/** Where an object is now: `@boot2` in the second kernel of a trace, nothing in the first. */
export function bootText(epoch: number): string {
  return epoch > 1 ? `@boot${epoch}` : "";
}

/** What an object of an iommufd is called inside it. */
export interface ObjectParts {
  readonly type: string;
  readonly id: number;
  /** Set once it is part of a live update: then its token names it, in every kernel. */
  readonly lineage?: LineageParts | undefined;
}

/** `hwpt:3` or, once a session took it, `hwpt:token=0x4d`. */
export function objectPart({ type, id, lineage }: ObjectParts): string {
  return lineage === undefined ? `${shortType(type)}:${id}` : lineageText(lineage);
}

/** `hwpt` or, once a session took it, `hwpt:token=0x4d`: the same in every recording. */
export function stableObjectPart({ type, lineage }: ObjectParts): string {
  return lineage === undefined ? shortType(type) : stableLineageText(lineage);
}

function shortType(type: string): string {
  return SHORT_TYPES[type] ?? type.toLowerCase();
}

const SHORT_TYPES: Readonly<Record<string, string>> = {
  HWPT_PAGING: "hwpt",
  HWPT_NESTED: "hwpt-nested",
};
