/** The operations of the emulated kernel: what is modelled, what is taken from the trace. */

import { REQUESTS } from "../engine/abi/requests.js";
import type { IoctlOp } from "../engine/ops/define.js";
import { IOMMUFD_OPS } from "../engine/ops/iommufd.js";
import { LUO_DEVICE_OPS, LUO_SESSION_OPS } from "../engine/ops/liveupdate.js";
import { VFIO_CDEV_OPS, VFIO_DEVICE_OPS, VFIO_GROUP_OPS } from "../engine/ops/vfio.js";

export interface OpFacts {
  readonly op: string;
  /** The ioctl request number as "0x…". */
  readonly request: string;
  /** The kind of descriptor that serves it. */
  readonly descriptor: string;
  readonly support: "full" | "partial" | "none";
  readonly missing?: string;
  /** Adopted outputs, each with the reason. */
  readonly adopts: Readonly<Record<string, string>>;
  /** File and function of the kernel that it imitates. */
  readonly source?: string;
}

/** The operation tables, by the kind of descriptor. */
const TABLES: readonly (readonly [descriptor: string, ops: ReadonlyMap<unknown, IoctlOp>])[] = [
  ["iommufd", IOMMUFD_OPS],
  ["VFIO cdev", VFIO_CDEV_OPS],
  ["VFIO device", VFIO_DEVICE_OPS],
  ["VFIO group", VFIO_GROUP_OPS],
  ["/dev/liveupdate", LUO_DEVICE_OPS],
  ["LUO session", LUO_SESSION_OPS],
];

/** All operations by descriptor; a request of the ABI tables without an operation comes last. */
export function operations(): OpFacts[] {
  const found: OpFacts[] = [];
  const modelled = new Set<string>();
  for (const [descriptor, ops] of TABLES) {
    for (const { layout, support, adopts, source } of ops.values()) {
      modelled.add(layout.name);
      found.push({
        op: layout.name,
        request: requestText(layout.request),
        descriptor,
        support: support.level,
        ...(support.level === "full" ? {} : { missing: support.missing }),
        adopts,
        source,
      });
    }
  }
  for (const { name, request } of REQUESTS) {
    if (modelled.has(name)) continue;
    const missing = "no operation";
    const facts = { op: name, request: requestText(request), descriptor: "?", adopts: {} };
    found.push({ ...facts, support: "none", missing });
  }
  return found;
}

function requestText(request: number | undefined): string {
  return `0x${(request ?? 0).toString(16)}`;
}
