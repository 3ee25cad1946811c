/** The view is a matter of types: these tests fail when the code does not compile. */

import { expectTypeOf, test } from "vitest";
import type { MachineView } from "../../src/checkers/view.js";

type Keys<T> = keyof T;
type ProcessView = NonNullable<ReturnType<MachineView["processes"]["get"]>>;
type FileView = NonNullable<ReturnType<ProcessView["fds"]["get"]>>;

test("the machine can be read and not driven", () => {
  expectTypeOf<"apply" | "emit" | "installFd">().not.toExtend<Keys<MachineView>>();
  expectTypeOf<MachineView["epoch"]>().toEqualTypeOf<number>();
  expectTypeOf<"set" | "delete">().not.toExtend<Keys<MachineView["processes"]>>();
});

test("a process shows its descriptors and lets nobody change them", () => {
  expectTypeOf<"get" | "entries">().toExtend<Keys<ProcessView["fds"]>>();
  expectTypeOf<"install" | "close" | "closeAll">().not.toExtend<Keys<ProcessView["fds"]>>();
});

test("taking a reference is not reading", () => {
  expectTypeOf<"get">().not.toExtend<Keys<FileView>>();
  expectTypeOf<"put">().not.toExtend<Keys<FileView>>();
  expectTypeOf<"references" | "object">().toExtend<Keys<FileView>>();
});

test("no field can be assigned", () => {
  type Writable<T> = { -readonly [K in keyof T]: T[K] };
  type IsReadonly<T, K extends keyof T> =
    (<X>() => X extends Pick<T, K> ? 1 : 2) extends <X>() => X extends Writable<Pick<T, K>> ? 1 : 2
      ? false
      : true;
  expectTypeOf<IsReadonly<ProcessView, "role">>().toEqualTypeOf<true>();
  expectTypeOf<IsReadonly<MachineView, "epoch">>().toEqualTypeOf<true>();
});
