/** Makes and fills objects of one shape. */

import { assert } from "../../engine/assert.js";
import type { Shape, StoredClass } from "./graph-format.js";

export interface ObjectMaker {
  /** An object with all its keys, in order. */
  make(): object;
  /** Gives it its values, in the order of its keys. */
  fill(thing: object, nextValue: () => unknown): void;
}

/**
 * The maker of a shape. It is compiled, so that objects get the layout that a constructor gives
 * them: a machine that was stored is then about as fast as one that was not.
 */
export function objectMaker(shape: Shape, classes: ReadonlyMap<string, StoredClass>): ObjectMaker {
  const prototype = prototypeOf(shape, classes);
  return compiledMaker(shape, prototype) ?? slowMaker(shape, prototype);
}

function prototypeOf({ class_name }: Shape, classes: ReadonlyMap<string, StoredClass>): object {
  if (class_name === undefined) return Object.prototype;
  const stored = classes.get(class_name);
  assert(stored !== undefined, `a stored graph has instances of ${class_name}, which is no class`);
  return stored.prototype;
}

function compiledMaker({ keys }: Shape, prototype: object): ObjectMaker | undefined {
  // As a name in a program this key means something else.
  if (keys.includes("__proto__")) return undefined;
  const names = keys.map((key) => `[${JSON.stringify(key)}]`);
  try {
    const make = new Function(
      "prototype",
      `
      function Stored() {
        ${names.map((name) => `this${name} = undefined;`).join("\n")}
      }
      Stored.prototype = prototype;
      return {
        make() {
          return new Stored();
        },
        fill(thing, nextValue) {
          ${names.map((name) => `thing${name} = nextValue();`).join("\n")}
        },
      };`,
    );
    return make(prototype) as ObjectMaker;
  } catch (error) {
    // node --disallow-code-generation-from-strings
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

function slowMaker({ keys }: Shape, prototype: object): ObjectMaker {
  const give = (thing: object, key: string, value: unknown): void => {
    const rights = { writable: true, enumerable: true, configurable: true };
    Object.defineProperty(thing, key, { value, ...rights });
  };
  return {
    make() {
      const thing = Object.create(prototype) as object;
      for (const key of keys) give(thing, key, undefined);
      return thing;
    },
    fill(thing, nextValue) {
      for (const key of keys) give(thing, key, nextValue());
    },
  };
}
