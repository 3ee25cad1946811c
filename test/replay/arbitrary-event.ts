/** Any event of the format, for property tests: every type, every operation, in its memory form. */

import fc from "fast-check";
import type { Field, StructLayout } from "../../src/engine/abi/layout.js";
import { requestByName } from "../../src/engine/abi/requests.js";
import { EVENT_SCHEMAS, type Event, IOCTL_SCHEMAS } from "../../src/engine/event/index.js";
import { hexBytes, u64 } from "../../src/engine/event/scalars.js";

interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
  readonly options?: readonly Schema[];
  readonly checks?: readonly Schema[];
}

interface Schema {
  readonly _zod: { readonly def: unknown };
}

interface Check {
  readonly check: string;
  readonly value?: number;
}

const NONE_REQUIRED = { requiredKeys: [], noNullPrototype: true };

type Arbitrary = fc.Arbitrary<unknown>;

const anyText = fc.string({ unit: "binary", maxLength: 12 });
const plainText = fc.string({ unit: "grapheme-ascii", maxLength: 12 });
let text = anyText;
const bytes = fc.uint8Array({ maxLength: 40 });
const u64s = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 0xffffn, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
);

/** The memory form of what a schema describes. */
function fromSchema(schema: Schema): Arbitrary {
  const def = schema._zod.def as Definition;
  if (schema === (u64 as unknown)) return u64s;
  if (schema === (hexBytes as unknown)) return bytes;
  switch (def.type) {
    case "optional":
      return fromSchema(required(def.innerType));
    case "string":
      return text;
    case "boolean":
      return fc.boolean();
    case "number": {
      const checks = (def.checks ?? []).map((check) => check._zod.def as Check);
      const bound = (name: string) => checks.find(({ check }) => check === name)?.value;
      const min = bound("greater_than") ?? Number.MIN_SAFE_INTEGER;
      const max = bound("less_than") ?? Number.MAX_SAFE_INTEGER;
      return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max));
    }
    case "enum":
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case "literal":
      return fc.constantFrom(...(def.values ?? []));
    case "array":
      return fc.array(fromSchema(required(def.element)), { maxLength: 4 });
    case "union":
      return fc.oneof(...(def.options ?? []).map(fromSchema));
    case "object":
      return fromShape(required(def.shape));
    default:
      throw new Error(`no arbitrary for ${def.type}`);
  }
}

/** Optional keys are there or not; a key that is not there is not `undefined` either. */
function fromShape(shape: Readonly<Record<string, Schema>>, given: Record<string, Arbitrary> = {}) {
  const model: Record<string, Arbitrary> = {};
  const requiredKeys: string[] = [];
  for (const [key, schema] of Object.entries(shape)) {
    model[key] = given[key] ?? fromSchema(schema);
    if ((schema._zod.def as Definition).type !== "optional") requiredKeys.push(key);
  }
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the schema has no such part");
  return value;
}

function fieldValue(field: Field): Arbitrary {
  switch (field.kind) {
    case "u8":
      return fc.nat(0xff);
    case "u16":
      return fc.nat(0xffff);
    case "u32":
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case "s32":
      return fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
    case "u64":
      return u64s;
    case "bytes":
      return fc.oneof(
        { arbitrary: latin1(field.length_bytes), weight: text === anyText ? 1 : 0 },
        { arbitrary: asciiName(field.length_bytes), weight: 1 },
      );
  }
}

const latin1 = (length_bytes: number): Arbitrary =>
  fc
    .uint8Array({ minLength: length_bytes, maxLength: length_bytes })
    .map((raw) => Buffer.from(raw).toString("latin1"));

const asciiName = (length_bytes: number): Arbitrary =>
  fc
    .string({ maxLength: length_bytes })
    .map((name) =>
      Buffer.from(name).subarray(0, length_bytes).toString("latin1").padEnd(length_bytes, "\0"),
    );

/** Any of the fields, and any of the gaps. */
function structValues(layout: StructLayout | undefined): Arbitrary {
  if (layout === undefined) return fc.record({ size: fc.nat() }, NONE_REQUIRED);
  const model: Record<string, Arbitrary> = {};
  let covered = 0;
  for (const [name, field] of Object.entries(layout.fields).sort(
    ([, a], [, b]) => a.offset - b.offset,
  )) {
    if (field.offset > covered) model[`__gap_${covered}`] = latin1(field.offset - covered);
    model[name] = fieldValue(field);
    covered = field.offset + field.length_bytes;
  }
  return fc.record(model, NONE_REQUIRED);
}

/** Types of user data that select a layout, and some that do not. */
const dataType = fc.constantFrom(0, 1, 2, 3, 4, 7, 0xdead, 0xdeadbeef, 0xfeedbeef);
const entryLength = fc.constantFrom(0, 4, 8, 12, 16, 24);

function selecting(layout: StructLayout | undefined): Arbitrary {
  const values = structValues(layout) as fc.Arbitrary<Record<string, unknown>>;
  if (layout === undefined) return values;
  const pick: Record<string, Arbitrary> = {};
  for (const name of ["data_type", "in_data_type", "type"]) {
    if (Object.hasOwn(layout.fields, name)) pick[name] = dataType;
  }
  if (Object.hasOwn(layout.fields, "entry_len")) pick["entry_len"] = entryLength;
  return fc
    .tuple(values, fc.record(pick, NONE_REQUIRED))
    .map(([all, some]) => ({ ...all, ...some }));
}

const buffer = fc.option(fc.uint8Array({ maxLength: 80 }), { nil: null });

function nestedBuffer(layout: StructLayout | undefined): Arbitrary {
  const pointers = Object.entries(layout?.fields ?? {}).filter(([, { kind }]) => kind === "u64");
  return fc.record(
    {
      field: fc.constantFrom("data", ...pointers.map(([name]) => name)),
      addr: u64s,
      length_bytes: u64s,
      in: buffer,
      out: buffer,
    },
    { noNullPrototype: true },
  );
}

function ioctlEvent(op: string): fc.Arbitrary<Event> {
  const layout = requestByName(op)?.layout;
  const schema = required(IOCTL_SCHEMAS.get(op)) as unknown as Schema;
  const shape = required((schema._zod.def as Definition).shape);
  return fromShape(shape, {
    in: fc.option(selecting(layout), { nil: null }),
    out: structValues(layout),
    mem: nestedBuffer(layout),
  }) as fc.Arbitrary<Event>;
}

function plainEvent(type: keyof typeof EVENT_SCHEMAS): fc.Arbitrary<Event> {
  const schema = EVENT_SCHEMAS[type] as unknown as Schema;
  const shape = required((schema._zod.def as Definition).shape);
  return fromShape(shape, { type: fc.constant(type) }) as fc.Arbitrary<Event>;
}

function allEvents(texts: fc.Arbitrary<string>): Map<string, fc.Arbitrary<Event>> {
  text = texts;
  return new Map([
    ...Object.keys(EVENT_SCHEMAS).map(
      (type) => [type, plainEvent(type as keyof typeof EVENT_SCHEMAS)] as const,
    ),
    ...[...IOCTL_SCHEMAS.keys()].map((op) => [op, ioctlEvent(op)] as const),
  ]);
}

/** One arbitrary for each event type and each operation, by name; texts are anything. */
export const EVENT_ARBITRARIES: ReadonlyMap<string, fc.Arbitrary<Event>> = allEvents(anyText);

/** The same with texts that need no escapes. */
export const PLAIN_EVENT_ARBITRARIES: ReadonlyMap<string, fc.Arbitrary<Event>> = allEvents(
  plainText,
);

/** Descriptors 3 to 6 are what an update is about, so that random calls find something. */
export const START: readonly Event[] = [
  { seq: 1, type: "process_start", pid: 1 },
  { seq: 2, type: "open", pid: 1, path: "/dev/iommu", flags: 2, ret: 3 },
  { seq: 3, type: "open", pid: 1, path: "/dev/liveupdate", flags: 2, ret: 4 },
  { seq: 4, type: "open", pid: 1, path: "/dev/vfio/devices/vfio0", flags: 2, ret: 5 },
  { seq: 5, type: "memfd_create", pid: 1, name: "ram", flags: 2, ret: 6 },
  { seq: 6, type: "ftruncate", pid: 1, fd: 6, length: 0x10000n, ret: 0 },
];
