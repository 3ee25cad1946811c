/** The selftest driver: hardware queues, caches of mock devices, and its front. */

import { beforeEach, describe, expect, test } from "vitest";
import { buffer, MOCK_TYPE, MockVmm, NEST_PARENT, words } from "./device-kernel.js";
import { BUFFER, PAGE, U64_MAX } from "./ioas-kernel.js";

const IOVA = 0x100_0000n;

let vmm: MockVmm;
let device: { stdev: number; idev: number };
let viommu: number;

beforeEach(() => {
  vmm = new MockVmm();
  device = vmm.mock();
  const parent = Number(vmm.allocHwpt({ dev_id: device.idev, flags: NEST_PARENT }));
  viommu = Number(vmm.viommu(device.idev, parent));
});

describe("hardware queues", () => {
  function queue(index: number, fields: Record<string, number | bigint> = {}): number | string {
    const base = { size: 40, flags: 0, viommu_id: viommu, type: MOCK_TYPE, index };
    const place = { out_hw_queue_id: 0, nesting_parent_iova: IOVA, length: PAGE };
    const outcome = vmm.iommufd.call("IOMMU_HW_QUEUE_ALLOC", { ...base, ...place, ...fields });
    return outcome.errno ?? Number(outcome.out["out_hw_queue_id"]);
  }

  test.each([
    ["unknown flags", { flags: 1 }, "EOPNOTSUPP"],
    ["no type", { type: 0, length: 0n }, "EOPNOTSUPP"],
    ["no length", { length: 0n, viommu_id: 99 }, "EINVAL"],
    ["an end behind the space", { nesting_parent_iova: U64_MAX, length: 2n }, "EOVERFLOW"],
    ["an unknown vIOMMU", { viommu_id: 99, type: 1 }, "ENOENT"],
    ["a type the driver does not know", { type: 1 }, "EOPNOTSUPP"],
    ["an absurd length", { length: 1n << 60n }, "ENOMEM"],
    ["memory that is not mapped", {}, "ENOENT"],
  ])("refuses %s", (_, fields, errno) => {
    expect(queue(0, fields)).toBe(errno);
  });

  test("the second queue needs the first, and outlives nothing", () => {
    vmm.iommufd.mapFixed(IOVA);
    expect(queue(1)).toBe("EIO");
    expect(queue(2)).toBe("EINVAL");
    const first = Number(queue(0));
    expect(queue(0)).toBe("EEXIST");
    const second = Number(queue(1, { nesting_parent_iova: IOVA + 0x800n, length: 0x800n }));
    expect(vmm.destroy(first)).toBe("EBUSY");
    expect(vmm.destroy(second)).toBe(0);
    expect(vmm.destroy(first)).toBe(0);
  });

  test("an id that nobody is told goes to the pinning access", () => {
    vmm.iommufd.mapFixed(IOVA);
    const id = Number(queue(0));
    expect(vmm.iommufd.context.find(id + 1)?.type).toBe("ACCESS");
    expect(vmm.destroy(id + 1)).toBe("EBUSY");
    vmm.destroy(id);
    expect(vmm.iommufd.context.nextId()).toBe(id);
  });

  test("its memory cannot be unmapped", () => {
    vmm.iommufd.mapFixed(IOVA);
    const id = Number(queue(0));
    expect(vmm.iommufd.unmap(IOVA, PAGE)).toBe("EBUSY");
    vmm.destroy(id);
    expect(vmm.iommufd.unmap(IOVA, PAGE)).toBe(PAGE);
  });

  test("several ordinary pages are not contiguous", () => {
    vmm.iommufd.mapFixed(IOVA, 2n * PAGE);
    expect(queue(0, { length: 2n * PAGE })).toBe("EFAULT");
  });
});

describe("invalidation through a vIOMMU", () => {
  const VIRT_ID = 0x99;

  function invalidate(entries: Uint8Array, entry_len = 12) {
    const base = { size: 32, hwpt_id: viommu, data_uptr: BUFFER, data_type: MOCK_TYPE };
    const array = { entry_len, entry_num: entries.length / entry_len, __reserved: 0 };
    const parts = buffer("data_uptr", entries);
    const { errno, out } = vmm.iommufd.call("IOMMU_HWPT_INVALIDATE", { ...base, ...array }, parts);
    return [errno, out["entry_num"]];
  }

  function cached(check_id: number, cache: number): unknown {
    return vmm.iommufd.test("DEV_CHECK_CACHE", { op: 16, id: device.idev, check_id, cache });
  }

  beforeEach(() => {
    vmm.vdevice(viommu, device.idev, BigInt(VIRT_ID));
  });

  test("clears cache entries of the device the guest names", () => {
    expect(cached(2, 0xbad_dad)).toBe(0);
    expect(invalidate(words(0, VIRT_ID, 2))).toEqual([undefined, 1]);
    expect([cached(2, 0), cached(1, 0xbad_dad), cached(4, 0)]).toEqual([0, 0, "EINVAL"]);
    invalidate(words(1, VIRT_ID, 0));
    expect(cached(3, 0)).toBe(0);
  });

  test("stops at the first bad entry", () => {
    expect(invalidate(words(0, VIRT_ID, 0, 2, VIRT_ID, 0))).toEqual(["EOPNOTSUPP", 1]);
    expect(invalidate(words(0, VIRT_ID, 4))).toEqual(["EINVAL", 0]);
    expect(invalidate(words(0, 0x98, 0))).toEqual(["EINVAL", 0]);
  });

  test("entries of another length: zeros are added, what is too long must be zero", () => {
    expect(invalidate(words(0, VIRT_ID), 8)).toEqual([undefined, 1]);
    expect(cached(0, 0)).toBe(0);
    expect(invalidate(words(0, VIRT_ID, 1, 0), 16)).toEqual([undefined, 1]);
    expect(invalidate(words(0, VIRT_ID, 2, 0, 0, VIRT_ID, 3, 1), 16)).toEqual(["E2BIG", 0]);
    expect(cached(2, 0xbad_dad)).toBe(0);
  });
});

test("operations on things that are no mock objects", () => {
  const { iommufd } = vmm;
  expect(iommufd.test("MD_CHECK_IOTLB", { op: 14, id: 4, check_id: 0, iotlb: 0 })).toBe("ENOENT");
  expect(vmm.replace(device.idev, 1)).toBe("ENOENT");
  expect(vmm.pasid("ATTACH", 99, 1, 1)).toBe("ENOENT");
  expect(vmm.checkPasid(device.stdev, 0, 0)).toBe("EINVAL");
  expect(vmm.checkPasid(device.stdev, 0, 99)).toBe("ENOENT");
  expect(vmm.checkPasid(device.stdev, 0, device.idev)).toBe("EINVAL");
});
