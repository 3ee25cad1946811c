/** The way from the root of a graph to one of its objects, for messages about it. */

type Passes = (thing: object) => boolean;

/**
 * A way such as `Machine.processes[7].fds` to `wanted`, one of the shortest. Objects that `stop`
 * names are not looked into. Costs O(objects); for messages only.
 */
export function placeInGraph(root: object, wanted: object, stop: Passes): string {
  const places = new Map<object, string>([[root, className(root)]]);
  for (const [thing, place] of places) {
    if (thing === wanted) return `${place} (${className(thing)})`;
    if (stop(thing)) continue;
    for (const [key, value] of entriesOf(thing)) {
      if (typeof value !== "object" && typeof value !== "function") continue;
      if (value !== null && !places.has(value)) places.set(value, place + key);
    }
  }
  return `something below ${className(root)}`;
}

/** Everything an object holds, with how it is said. */
export function* entriesOf(thing: object): Generator<[key: string, value: unknown]> {
  if (ArrayBuffer.isView(thing)) {
    yield [".buffer", thing.buffer];
  } else if (thing instanceof Map) {
    for (const [key, value] of thing) {
      if (typeof key === "object") yield [".key()", key];
      yield [`.get(${typeof key === "object" ? "…" : String(key)})`, value];
    }
  } else if (thing instanceof Set) {
    for (const value of thing) yield [".item()", value];
  } else {
    const isList = Array.isArray(thing);
    for (const key of Reflect.ownKeys(thing)) {
      const value = Reflect.get(thing, key) as unknown;
      yield [isList ? `[${String(key)}]` : `.${String(key)}`, value];
    }
  }
}

function className(thing: object): string {
  if (typeof thing === "function") return `function ${thing.name}`;
  const prototype = Object.getPrototypeOf(thing) as { constructor?: { name?: string } } | null;
  return prototype?.constructor?.name ?? "object";
}
