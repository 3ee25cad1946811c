/** Numbers the shapes of objects: whose instances they are, and their keys in order. */

import type { Shape, StoredClass } from "./graph-format.js";

/** A way through keys: the shape of the objects whose keys end here, and the ways on. */
interface Step {
  shape: number | undefined;
  next: Map<string, Step> | undefined;
}

export class ShapeTable {
  private readonly shapes: Shape[] = [];
  private readonly roots = new Map<object, { class_name: string | undefined; first: Step }>();

  constructor(classes: Iterable<StoredClass>) {
    this.roots.set(Object.prototype, { class_name: undefined, first: newStep() });
    for (const { name, prototype } of classes) {
      this.roots.set(prototype, { class_name: name, first: newStep() });
    }
  }

  /** Undefined for an instance of a class that is not stored. */
  shapeOf(thing: object): number | undefined {
    const root = this.roots.get(Object.getPrototypeOf(thing));
    if (root === undefined) return undefined;
    let step = root.first;
    for (const key in thing) {
      step.next ??= new Map();
      let next = step.next.get(key);
      if (next === undefined) {
        next = newStep();
        step.next.set(key, next);
      }
      step = next;
    }
    step.shape ??= this.shapes.push({ class_name: root.class_name, keys: Object.keys(thing) }) - 1;
    return step.shape;
  }

  list(): readonly Shape[] {
    return this.shapes;
  }
}

function newStep(): Step {
  return { shape: undefined, next: undefined };
}
