/**
 * The table of ioctl requests: name, number, layout, and the kinds of descriptor that serve it.
 * Requests whose number moved between patch series are found by name through the profile.
 */

import * as hwpt from "./iommufd-hwpt.js";
import * as ioas from "./iommufd-ioas.js";
import type { StructLayout } from "./layout.js";
import * as liveupdate from "./liveupdate.js";
import * as series from "./liveupdate-series.js";
import * as selftest from "./selftest.js";
import * as selftestMore from "./selftest-more.js";
import * as vfio from "./vfio.js";

/** The op name of a request that no table entry has. */
export const UNKNOWN_REQUEST = "UNKNOWN_REQUEST";
/** struct iommu_test_cmd with an op the driver does not know. */
export const IOMMU_TEST_CMD = "IOMMU_TEST_CMD";
export const IOMMU_TEST_CMD_REQUEST = 0x3ba0;

export interface RequestEntry {
  readonly name: string;
  /** 0 where only a profile gives the command a number. */
  readonly request: number;
  readonly layout: StructLayout;
}

function entries(module: Record<string, StructLayout>): RequestEntry[] {
  return Object.values(module).map((layout) => ({
    name: layout.name,
    request: layout.request ?? 0,
    layout,
  }));
}

export const REQUESTS: readonly RequestEntry[] = [
  ...entries(ioas),
  ...entries(hwpt),
  ...entries(selftest),
  ...entries(selftestMore),
  ...entries(vfio),
  ...entries(liveupdate),
  ...entries(series),
];

const BY_NAME = new Map(REQUESTS.map((entry) => [entry.name, entry]));
const BY_REQUEST = new Map(
  REQUESTS.filter(
    (entry) => entry.layout.selftest_op === undefined && entry.layout.request !== undefined,
  ).map((entry) => [entry.request, entry]),
);
const BY_SELFTEST_OP = new Map(
  REQUESTS.filter((entry) => entry.layout.selftest_op !== undefined).map((entry) => [
    entry.layout.selftest_op,
    entry,
  ]),
);

export function requestByName(name: string): RequestEntry | undefined {
  return BY_NAME.get(name);
}

/**
 * Finds the entry of a full request number.
 *
 * @param selftestOp The `op` word of struct iommu_test_cmd, which selects the layout of 0x3ba0.
 */
export function requestByNumber(request: number, selftestOp?: number): RequestEntry | undefined {
  if (request === IOMMU_TEST_CMD_REQUEST) return BY_SELFTEST_OP.get(selftestOp);
  return BY_REQUEST.get(request);
}
