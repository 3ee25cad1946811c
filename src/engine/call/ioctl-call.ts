import {
  encodeStruct,
  type FieldValue,
  type StructLayout,
  type StructValues,
  type ValuesOf,
} from "../abi/layout.js";
import { assert } from "../assert.js";
import type { IoctlEvent } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { Process } from "../process/process.js";
import { Call } from "./call.js";

/** An ioctl while the engine works on it. `args` are the struct's fields, absent ones as zero. */
export class IoctlCall<L extends StructLayout = StructLayout> extends Call<IoctlEvent> {
  /** The operation the call names; set by the dispatcher, read-only for operations. */
  readonly args: Readonly<ValuesOf<L>>;

  constructor(
    machine: Machine,
    process: Process,
    event: IoctlEvent,
    readonly file: OpenFile,
    readonly layout: L,
    /** Output fields the operation may adopt, with the reason. */
    readonly adopts: Readonly<Record<string, string>>,
  ) {
    super(machine, process, event);
    this.args = fullValues(layout, event.in ?? {});
  }

  /** Size word of the struct, or undefined when the struct could not be read. */
  get size(): number | undefined {
    const field = this.layout.size_field;
    if (field === null || this.event.in === null || this.event.in === undefined) return undefined;
    const value = this.event.in[field];
    return typeof value === "number" ? value : this.layout.length_bytes;
  }

  /** Predicts fields. Of a field that the caller's size cuts, the first bytes show in `tail`. */
  override write(fields: StructValues): void {
    super.write(fields);
    const size = this.size ?? 0;
    if (size < this.layout.length_bytes) this.#writeCutField(fields, size);
  }

  /** True when the kernel can write the struct back to the caller's memory. */
  canWriteBack(): boolean {
    const { arg } = this.event;
    if (arg === undefined) return true;
    const length = Math.min(this.size ?? 0, this.layout.length_bytes);
    return this.process.mm.isWritable(arg, BigInt(length));
  }

  /**
   * For operations that undo themselves when the answer cannot be written: predicts EFAULT then,
   * else success with `fields`. True when the changes are to be made.
   */
  respond(fields: StructValues, ret = 0): boolean {
    if (!this.canWriteBack()) {
      this.reject("EFAULT", "the answer cannot be written back");
      return false;
    }
    // A refused call writes nothing, also when an injected fault refused it.
    if (!this.accept(ret)) return false;
    this.write(fields);
    return true;
  }

  /** For operations that stay done when the answer cannot be written; call it after the changes. */
  writeBack(fields: StructValues): void {
    if (this.canWriteBack()) this.write(fields);
    else this.reject("EFAULT", "the answer cannot be written back; the call stays done");
  }

  #writeCutField(fields: StructValues, size: number): void {
    const { layout, event } = this;
    let whole_bytes = 0;
    for (const [name, { offset, length_bytes }] of Object.entries(layout.fields)) {
      const end = offset + length_bytes;
      if (end <= size) whole_bytes = Math.max(whole_bytes, end);
      const value = fields[name];
      if (offset >= size || end <= size || value === undefined) continue;
      const tail = event.tail?.slice() ?? new Uint8Array(size - whole_bytes);
      const cut = encodeStruct(layout, { [name]: value }, layout.length_bytes);
      tail.set(cut.subarray(offset, size), offset - whole_bytes);
      this.out_tail = tail;
    }
  }

  /** The recorded value of an output field, where the call is recorded as a success. */
  observedField(name: string): FieldValue | undefined {
    if (!this.observedSuccess) return undefined;
    return this.event.out?.[name] ?? this.event.in?.[name];
  }

  /**
   * The id an object gets: the predicted one, or the recorded one where they differ, so that one
   * difference does not cascade. The difference itself is reported as a divergence.
   */
  idFor(field: string, predicted: number): number {
    const observed = this.observedField(field);
    return typeof observed === "number" && observed > 0 ? observed : predicted;
  }

  /** An output field the model cannot know: see Call.adopt. */
  adoptField<V extends FieldValue>(name: string, own: V): V {
    assert(Object.hasOwn(this.adopts, name), `${this.layout.name} does not adopt ${name}`);
    const value = this.adopt(name, own, this.observedField(name) as V | undefined);
    this.write({ [name]: value });
    return value;
  }

  /** The recorded number of a descriptor this call made, for `installFd`. */
  observedFd(field?: string): number | undefined {
    if (!this.observedSuccess) return undefined;
    const value = field === undefined ? this.event.ret : this.observedField(field);
    return typeof value === "number" ? value : this.event.newfd;
  }

  /** Contents of the nested buffer before the call; null where it could not be read. */
  get memIn(): Uint8Array | null {
    return this.event.mem?.in ?? null;
  }
}

const zeroCache = new WeakMap<StructLayout, StructValues>();

function zerosOf(layout: StructLayout): StructValues {
  let zeros = zeroCache.get(layout);
  if (zeros === undefined) {
    zeros = {};
    for (const [name, field] of Object.entries(layout.fields)) {
      zeros[name] =
        field.kind === "u64" ? 0n : field.kind === "bytes" ? "\0".repeat(field.length_bytes) : 0;
    }
    zeroCache.set(layout, zeros);
  }
  return zeros;
}

/**
 * The struct's fields. Absent ones read as zero: the kernel fills up what a shorter struct lacks.
 */
function fullValues<L extends StructLayout>(layout: L, given: StructValues): ValuesOf<L> {
  for (const name in layout.fields) {
    if (given[name] === undefined) return { ...zerosOf(layout), ...given } as ValuesOf<L>;
  }
  return given as ValuesOf<L>;
}
