/**
 * The machine as rules see it: everything can be read, nothing can be written. A field becomes
 * readonly, a collection loses its mutators, and a method shows only when its name says that it
 * reads. The types are the whole guard; nothing is copied.
 */

import type { Machine, Step } from "../engine/machine.js";
import type { TransitionKind, TransitionOf } from "../engine/transition.js";

type Scalar = string | number | bigint | boolean | symbol | null | undefined | Uint8Array;

/** Names of methods that read. A method that is called otherwise is not visible to rules. */
type ReadMethod =
  | `at${string}`
  | `can${string}`
  | `check${string}`
  | `describe${string}`
  | "entries"
  | "entry"
  | `find${string}`
  | `first${string}`
  | `freed${string}`
  | "forEach"
  | `get${string}`
  | `has${string}`
  | "holders"
  | `is${string}`
  | "keys"
  | `last${string}`
  | `list${string}`
  | `locate${string}`
  | "meets"
  | "objects"
  | "offsetOf"
  | `overlap${string}`
  | `page${string}`
  | "ranges"
  | "runs"
  | `translat${string}`
  | "unpinned"
  | "values"
  | `vmas${string}`
  | typeof Symbol.iterator;

/** `get()` without an argument takes a reference; `get(key)` reads. */
type Reads<Key, Method> = Method extends (...args: infer Args) => unknown
  ? Key extends ReadMethod
    ? Key extends "get"
      ? Args extends []
        ? false
        : true
      : true
    : false
  : true;

type VisibleKey<T, Key extends keyof T> = Reads<Key, T[Key]> extends true ? Key : never;

type ElementOf<T> = T extends Iterable<infer Value> ? Value : never;

/** True for `Iterable<…>` itself, false for classes that can be iterated besides. */
type IsPlainIterable<T> =
  T extends Iterable<unknown> ? ([keyof T] extends [typeof Symbol.iterator] ? true : false) : false;

/** A value of the engine, read-only all the way down. */
export type View<T> = T extends Scalar
  ? T
  : T extends ReadonlyMap<infer Key, infer Value>
    ? ReadonlyMap<View<Key>, View<Value>>
    : T extends ReadonlySet<infer Value>
      ? ReadonlySet<View<Value>>
      : T extends readonly unknown[]
        ? { readonly [Index in keyof T]: View<T[Index]> }
        : T extends Generator<infer Value>
          ? Generator<View<Value>, undefined>
          : IsPlainIterable<T> extends true
            ? Iterable<View<ElementOf<T>>>
            : T extends (...args: infer Args) => infer Result
              ? (...args: { [Index in keyof Args]: View<Args[Index]> }) => View<Result>
              : T extends object
                ? { readonly [Key in keyof T as VisibleKey<T, Key>]: View<T[Key]> }
                : T;

export type MachineView = View<Machine>;
export type StepView = View<Omit<Step, "event">> & Pick<Step, "event">;
export type TransitionView<K extends TransitionKind> = View<TransitionOf<K>>;

/** The machine through its read-only view: the one place where the types change sides. */
export function viewOf(machine: Machine): MachineView {
  return machine as unknown as MachineView;
}
