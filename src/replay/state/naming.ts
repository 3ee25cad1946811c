import type { Machine } from "../../engine/machine.js";
import type { StateObject } from "./state-value.js";

/** A kind of thing that a state document lists in a section of its own. */
export interface Section<Thing extends object = object> {
  /** Key of the section in the document. */
  readonly key: string;
  /** What its names start with: `memfd` gives `memfd 1`, `memfd 2`. */
  readonly prefix: string;
  describe(thing: Thing, naming: Naming): StateObject;
}

interface Named {
  readonly section: Section;
  readonly name: string;
  readonly thing: object;
}

/**
 * Gives things names that do not depend on how the state came about. Names are handed out in the
 * order in which things are met, starting from what has a name of its own (processes, descriptors,
 * sessions, tokens, devices); what is named is described later, and names further things.
 */
export class Naming {
  readonly #names = new Map<object, string>();
  readonly #counts = new Map<string, number>();
  readonly #named: Named[] = [];

  constructor(readonly machine: Machine) {}

  /** The name of a thing; a thing met for the first time is queued for its section. */
  name<Thing extends object>(section: Section<Thing>, thing: Thing): string {
    const known = this.#names.get(thing);
    if (known !== undefined) return known;
    const number = (this.#counts.get(section.prefix) ?? 0) + 1;
    this.#counts.set(section.prefix, number);
    const name = `${section.prefix} ${number}`;
    this.#names.set(thing, name);
    this.#named.push({ section: section as Section, name, thing });
    return name;
  }

  /** Describes everything that was named, and what that names, by the key of its section. */
  sections(): Map<string, StateObject[]> {
    const found = new Map<string, StateObject[]>();
    // Describing one thing can name others, so the list grows while it is read.
    for (let index = 0; index < this.#named.length; index++) {
      const named = this.#named[index];
      if (named === undefined) break;
      const { section, name, thing } = named;
      const list = found.get(section.key) ?? [];
      list.push({ name, ...section.describe(thing, this) });
      found.set(section.key, list);
    }
    return found;
  }

  /** The things that were named, by name. */
  things(): Map<string, object> {
    return new Map(this.#named.map(({ name, thing }) => [name, thing]));
  }
}

/** "0x…" as state documents write u64 values. */
export function hexText(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** A flag that is said only where it is set. */
export function onlyIf(flag: boolean): true | undefined {
  return flag ? true : undefined;
}

/** `0x0..0xfff`, both ends included. */
export function rangeText({ first, last }: { first: bigint; last: bigint }): string {
  return `${hexText(first)}..${hexText(last)}`;
}
