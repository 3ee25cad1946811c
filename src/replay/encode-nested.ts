/**
 * Nested buffers as a line has them: a list of named structs where the operation and its fields say
 * which layout the bytes have, else hex. Nothing is lost either way: bytes that make no whole
 * struct follow the list as hex.
 */

import { decodeStruct, type StructLayout, type StructValues } from "../engine/abi/layout.js";
import type { IoctlEvent, NestedBuffer } from "../engine/event/index.js";
import { NESTED_LAYOUTS } from "../engine/event/nested.js";
import { structSchema } from "../engine/event/struct.js";
import { type Encoder, encoderOf, hexOf } from "./encode-value.js";

type Values = Readonly<StructValues>;

/** Types of user data, from the uapi headers and the selftest driver's (v7.3.4). */
const HWPT_DATA: Readonly<Record<number, string>> = {
  1: "iommu_hwpt_vtd_s1",
  2: "iommu_hwpt_arm_smmuv3",
  3: "iommu_hwpt_amd_guest",
  57005: "iommu_hwpt_selftest",
};
const HW_INFO: Readonly<Record<number, string>> = {
  1: "iommu_hw_info_vtd",
  2: "iommu_hw_info_arm_smmuv3",
  3: "iommu_hw_info_tegra241_cmdqv",
  4: "iommu_hw_info_amd",
  4276993775: "iommu_test_hw_info",
};
const VIOMMU_DATA: Readonly<Record<number, string>> = {
  2: "iommu_viommu_tegra241_cmdqv",
  3735928559: "iommu_viommu_selftest",
};
/** The selftest driver has one type for both; the length of an entry tells them apart. */
const INVALIDATE_DATA: Readonly<Record<number, readonly string[]>> = {
  0: ["iommu_hwpt_vtd_s1_invalidate"],
  1: ["iommu_viommu_arm_smmuv3_invalidate"],
  3735928559: ["iommu_hwpt_invalidate_selftest", "iommu_viommu_invalidate_selftest"],
};

/** Which struct an operation's buffer holds, by the buffer's field and the fields of the call. */
const STRUCT_OF: Readonly<Record<string, (before: Values, after: Values) => string | undefined>> = {
  "IOMMU_IOAS_IOVA_RANGES.allowed_iovas": () => "iommu_iova_range",
  "IOMMU_IOAS_ALLOW_IOVAS.allowed_iovas": () => "iommu_iova_range",
  "IOMMU_HWPT_ALLOC.data_uptr": (before) => HWPT_DATA[Number(before["data_type"])],
  "IOMMU_GET_HW_INFO.data_uptr": (before, after) =>
    HW_INFO[Number(after["in_data_type"] ?? before["in_data_type"])],
  "IOMMU_VIOMMU_ALLOC.data_uptr": (before) => VIOMMU_DATA[Number(before["type"])],
  "IOMMU_HWPT_INVALIDATE.data_uptr": (before) =>
    INVALIDATE_DATA[Number(before["data_type"])]?.find(
      (name) => NESTED_LAYOUTS.get(name)?.length_bytes === before["entry_len"],
    ),
};

/** The layout of an ioctl's nested buffer, where the ABI tables know it. */
export function nestedLayout(event: IoctlEvent): StructLayout | undefined {
  if (event.mem === undefined) return undefined;
  const key = `${event.op}.${event.mem.field}`;
  if (!Object.hasOwn(STRUCT_OF, key)) return undefined;
  const name = STRUCT_OF[key]?.(event.in ?? {}, event.out ?? {});
  return name === undefined ? undefined : NESTED_LAYOUTS.get(name);
}

const encoders = new Map<StructLayout, Encoder>();

function structEncoder(layout: StructLayout): Encoder {
  let encoder = encoders.get(layout);
  if (encoder === undefined) {
    encoder = encoderOf(structSchema(layout));
    encoders.set(layout, encoder);
  }
  return encoder;
}

/** The JSON text of `mem`. */
export function nestedText(mem: NestedBuffer, layout: StructLayout | undefined): string {
  const encode = (bytes: Uint8Array | null): string => {
    if (bytes === null) return "null";
    return layout === undefined ? `"${hexOf(bytes)}"` : piecesText(bytes, layout);
  };
  const struct = layout === undefined ? "" : `,"struct":"${layout.name}"`;
  const same =
    mem.in === mem.out || (mem.in !== null && mem.out !== null && isSame(mem.in, mem.out));
  return (
    `{"field":${JSON.stringify(mem.field)},"addr":"0x${mem.addr.toString(16)}",` +
    `"length_bytes":"0x${mem.length_bytes.toString(16)}"${struct},"in":${encode(mem.in)}` +
    `${same ? "" : `,"out":${encode(mem.out)}`}}`
  );
}

function piecesText(bytes: Uint8Array, layout: StructLayout): string {
  const encode = structEncoder(layout);
  const step = layout.length_bytes;
  const pieces: string[] = [];
  let at = 0;
  for (; at + step <= bytes.length; at += step) {
    pieces.push(encode(decodeStruct(layout, bytes.subarray(at, at + step)).values));
  }
  if (at < bytes.length) pieces.push(`"${hexOf(bytes.subarray(at))}"`);
  return `[${pieces.join(",")}]`;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
