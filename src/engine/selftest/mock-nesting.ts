/** Nested domains and vIOMMUs of the mock driver. */

import { decodeStruct, encodeStruct } from "../abi/layout.js";
import {
  iommu_hwpt_invalidate_selftest,
  iommu_hwpt_selftest,
  iommu_viommu_invalidate_selftest,
  iommu_viommu_selftest,
} from "../abi/nested.js";
import type { Errno } from "../errno.js";
import { copyUserData, type UserData } from "../iommufd/iommu-unit.js";
import {
  type InvalidatePlan,
  type InvalidateRequest,
  type NestedDomain,
  type Nesting,
  refuseInvalidate,
  type ViommuPlan,
  type ViommuSupport,
} from "../iommufd/nesting.js";
import type { Viommu } from "../iommufd/viommu.js";
import { MockDevice } from "./mock-device.js";

const HWPT_DATA_SELFTEST = 0xdead;
const NESTED_DATA_MINIMUM = 4;
/** Type of vIOMMUs, of their queues and of both kinds of invalidation. */
const SELFTEST_TYPE = 0xdead_beef;
const INVALIDATE_ALL = 1;
const VIOMMU_DATA_MINIMUM = 8;
const REGION_PAGES = 2n;
const PAGE_BYTES = 4096n;
const QUEUES = 2;

/** Entries a mock cache has, per nested domain and per device. */
export const CACHE_ENTRIES = 4;

/** A nested domain: four cache entries, filled by the caller's data. */
export class MockNested implements NestedDomain {
  readonly iotlb: number[];

  constructor(iotlb: number) {
    this.iotlb = Array<number>(CACHE_ENTRIES).fill(iotlb);
  }

  /** @source mock_domain_cache_invalidate_user, drivers/iommu/iommufd/selftest.c (v7.3.4) */
  planInvalidate(request: InvalidateRequest): InvalidatePlan {
    const { type, bytes, entry_bytes, entry_count } = request;
    if (type !== SELFTEST_TYPE) return refuseInvalidate("EINVAL");
    const layout = iommu_hwpt_invalidate_selftest;
    const entries: Invalidation[] = [];
    const plan = (errno: Errno | undefined) => cachePlan(entries, errno);
    for (let index = 0; index < entry_count; index++) {
      if (entry_bytes !== layout.length_bytes) return plan("EINVAL");
      const raw = entryOf(bytes, index, entry_bytes);
      if (raw === undefined) return plan("EFAULT");
      const { flags, iotlb_id } = decodeStruct(layout, raw).values;
      if ((Number(flags) & ~INVALIDATE_ALL) !== 0) return plan("EOPNOTSUPP");
      const entry = Number(iotlb_id);
      if (entry >= CACHE_ENTRIES) return plan("EINVAL");
      const all = (Number(flags) & INVALIDATE_ALL) !== 0;
      entries.push({ cache: this.iotlb, entry: all ? undefined : entry });
    }
    return plan(undefined);
  }
}

/** A cache entry that is to become zero; undefined: all of them. */
interface Invalidation {
  readonly cache: number[];
  readonly entry: number | undefined;
}

function cachePlan(entries: readonly Invalidation[], errno: Errno | undefined): InvalidatePlan {
  const commit = (): void => {
    for (const { cache, entry } of entries) {
      if (entry === undefined) cache.fill(0);
      else cache[entry] = 0;
    }
  };
  return { errno, handled: entries.length, commit };
}

function entryOf(
  bytes: Uint8Array | null,
  index: number,
  entry_bytes: number,
): Uint8Array | undefined {
  const raw = bytes?.subarray(index * entry_bytes, (index + 1) * entry_bytes);
  return raw?.length === entry_bytes ? raw : undefined;
}

function planNested(data: UserData): NestedDomain | Errno {
  if (data.type !== HWPT_DATA_SELFTEST) return "EOPNOTSUPP";
  const length = iommu_hwpt_selftest.length_bytes;
  const copied = copyUserData(data, HWPT_DATA_SELFTEST, NESTED_DATA_MINIMUM, length);
  if (typeof copied === "string") return copied;
  return new MockNested(Number(decodeStruct(iommu_hwpt_selftest, copied).values["iotlb"]));
}

/** @source mock_viommu_init, drivers/iommu/iommufd/selftest.c (v7.3.4) */
function planViommu(data: UserData | undefined): ViommuPlan | Errno {
  if (data === undefined) return { region_bytes: undefined, output: () => undefined };
  const layout = iommu_viommu_selftest;
  const copied = copyUserData(data, SELFTEST_TYPE, VIOMMU_DATA_MINIMUM, layout.length_bytes);
  if (typeof copied === "string") return copied;
  const in_data = decodeStruct(layout, copied).values["in_data"] ?? 0;
  const region_bytes = REGION_PAGES * PAGE_BYTES;
  return {
    region_bytes,
    output: (out_mmap_offset) => {
      const values = { in_data, out_data: in_data, out_mmap_offset, out_mmap_length: region_bytes };
      return encodeStruct(layout, values, layout.length_bytes).subarray(0, data.length_bytes);
    },
  };
}

/**
 * All entries are read before any is executed. An entry may be shorter than the struct (zeros are
 * added) or longer (the rest must be zero, else E2BIG).
 *
 * @source mock_viommu_cache_invalidate, drivers/iommu/iommufd/selftest.c (v7.3.4)
 */
function planViommuInvalidate(viommu: Viommu, request: InvalidateRequest): InvalidatePlan {
  if (request.type !== SELFTEST_TYPE) return refuseInvalidate("EINVAL");
  const commands = readCommands(request);
  if (typeof commands === "string") return refuseInvalidate(commands);
  const entries: Invalidation[] = [];
  for (const { flags, cache_id, vdev_id } of commands) {
    if ((flags & ~INVALIDATE_ALL) !== 0) return cachePlan(entries, "EOPNOTSUPP");
    if (cache_id >= CACHE_ENTRIES) return cachePlan(entries, "EINVAL");
    const device = viommu.vdevices.get(BigInt(vdev_id))?.device.hardware;
    if (!(device instanceof MockDevice)) return cachePlan(entries, "EINVAL");
    const all = (flags & INVALIDATE_ALL) !== 0;
    entries.push({ cache: device.cache, entry: all ? undefined : cache_id });
  }
  return cachePlan(entries, undefined);
}

interface CacheCommand {
  readonly flags: number;
  readonly cache_id: number;
  readonly vdev_id: number;
}

function readCommands({ bytes, entry_bytes, entry_count }: InvalidateRequest) {
  const layout = iommu_viommu_invalidate_selftest;
  const commands: CacheCommand[] = [];
  for (let index = 0; index < entry_count; index++) {
    const raw = entryOf(bytes, index, entry_bytes);
    if (raw === undefined) return "EFAULT";
    if (raw.subarray(layout.length_bytes).some((byte) => byte !== 0)) return "E2BIG";
    const whole = new Uint8Array(layout.length_bytes);
    whole.set(raw.subarray(0, layout.length_bytes));
    const { flags, cache_id, vdev_id } = decodeStruct(layout, whole).values;
    commands.push({
      flags: Number(flags),
      cache_id: Number(cache_id),
      vdev_id: Number(vdev_id),
    });
  }
  return commands;
}

/** There are two queues, and the second needs the first. */
function checkQueue(viommu: Viommu, index: number): Errno | undefined {
  if (index >= QUEUES) return "EINVAL";
  if (viommu.queues.has(index)) return "EEXIST";
  return index > 0 && !viommu.queues.has(index - 1) ? "EIO" : undefined;
}

const VIOMMU_SUPPORT: ViommuSupport = {
  type: SELFTEST_TYPE,
  planViommu,
  planNested,
  planInvalidate: planViommuInvalidate,
  queue_type: SELFTEST_TYPE,
  checkQueue,
};

export const MOCK_NESTING: Nesting = { planNested, viommu: VIOMMU_SUPPORT };
