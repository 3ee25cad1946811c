/** The operations of an iommufd descriptor, by name. One file per operation. */

import type { IoctlOp } from "./define.js";

const OPS: readonly IoctlOp[] = [];

export const IOMMUFD_OPS: ReadonlyMap<string, IoctlOp> = new Map(
  OPS.map((op) => [op.layout.name, op]),
);
