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
  | `can${string}`
  | `check${string}`
  | `describe${string}`
  | `entr${"y" | "ies"}`
  | `find${string}`
  | `first${string}`
  | `for${"Each"}`
  | `get${string}`
  | `has${string}`
  | `is${string}`
  | `keys`
  | `last${string}`
  | `list${string}`
  | `locate${string}`
  | `look${string}`
  | `objects`
  | `overlap${string}`
  | `ranges`
  | `translat${string}`
  | `values`
  | `vmas${string}`;

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

/** A value of the engine, read-only all the way down. */
export type View<T> = T extends Scalar
  ? T
  : T extends ReadonlyMap<infer Key, infer Value>
    ? ReadonlyMap<View<Key>, View<Value>>
    : T extends ReadonlySet<infer Value>
      ? ReadonlySet<View<Value>>
      : T extends readonly unknown[]
        ? { readonly [Index in keyof T]: View<T[Index]> }
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
