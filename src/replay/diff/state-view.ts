import type { Lineage } from "../../engine/lineage.js";
import type { DescribedState } from "../state/describe-state.js";
import { lineageName } from "../state/lineage-names.js";
import { isList, type StateObject, type StateValue } from "../state/state-value.js";

/** A state document with look-ups by name. */
export class StateView {
  readonly #byName = new Map<string, StateObject>();

  constructor(readonly state: DescribedState) {
    for (const section of Object.values(state.document)) {
      if (section === undefined || !isList(section)) continue;
      for (const entry of section) {
        const name = isObject(entry) ? textOf(entry, "name") : undefined;
        if (name !== undefined) this.#byName.set(name, entry as StateObject);
      }
    }
  }

  find(name: string): StateObject | undefined {
    return this.#byName.get(name);
  }

  /** The entries of a section, in the order in which the things were made. */
  entries(section: string): StateObject[] {
    return listOf(this.state.document, section).sort((a, b) => this.#serial(a) - this.#serial(b));
  }

  /** The thing behind a file: `file 3` may stand for `memfd 1`. */
  objectOf(file: string): string {
    const entry = this.find(file);
    return (entry && textOf(entry, "object")) ?? file;
  }

  /** Which thing it is, across kernels; undefined for what has no lineage. */
  lineage(name: string): Lineage | undefined {
    return (this.state.things.get(name) as { lineage?: Lineage } | undefined)?.lineage;
  }

  /** The name that stays across kernels: `vm7/iommufd#1@boot2`. */
  lineageOf(name: string): string | undefined {
    return lineageName(this.state.things.get(name));
  }

  #serial(entry: StateObject): number {
    const thing = this.state.things.get(textOf(entry, "name") ?? "") as { serial?: number };
    return thing?.serial ?? 0;
  }
}

/** The name of an entry of a section. */
export function nameOf(entry: StateObject): string {
  return textOf(entry, "name") ?? "";
}

export function isObject(value: StateValue | undefined): value is StateObject {
  return typeof value === "object" && value !== null && !isList(value);
}

/** The objects of a list; empty where there is none. */
export function listOf(object: StateObject, key: string): StateObject[] {
  const value = object[key];
  if (value === undefined || !isList(value)) return [];
  return Array.from(value).filter((item) => isObject(item));
}

export function textOf(object: StateObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === "string" ? value : undefined;
}

/** A scalar as people read it. */
export function valueText(value: StateValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (value === true) return "yes";
  if (value === false) return "no";
  if (isList(value)) {
    const items = Array.from(value, (item) => valueText(item) ?? "");
    return items.length === 0 ? null : items.join(", ");
  }
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}
