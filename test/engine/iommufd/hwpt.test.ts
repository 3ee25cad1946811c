/** HWPT_ALLOC, HWPT_INVALIDATE and GET_HW_INFO on the mock unit. */

import { beforeEach, describe, expect, test } from "vitest";
import { bind, Device } from "../../../src/engine/iommufd/device.js";
import { HardwareDevice } from "../../../src/engine/iommufd/hardware-device.js";
import { IommuGroup } from "../../../src/engine/iommufd/iommu-group.js";
import { VTD_SECOND_STAGE } from "../../../src/engine/iommufd/iommu-unit-presets.js";
import {
  buffer,
  DIRTY_TRACKING,
  FAULT_ID_VALID,
  HUGE_PAGE_TABLE,
  MOCK_TYPE,
  MockVmm,
  NEST_PARENT,
  NO_DIRTY_DEVICE,
  PASID,
  words,
} from "./device-kernel.js";
import { BUFFER, PAGE } from "./ioas-kernel.js";

const UNMAPPED = 0x1000n;

let vmm: MockVmm;
let device: number;

beforeEach(() => {
  vmm = new MockVmm();
  device = vmm.mock().idev;
});

describe("a HWPT on an IOAS", () => {
  test("gets the lowest free id and can be destroyed again", () => {
    expect(vmm.allocHwpt({ dev_id: device })).toBe(5);
    expect(vmm.destroy(5)).toBe(0);
    expect(vmm.allocHwpt({ dev_id: device, flags: NEST_PARENT })).toBe(5);
  });

  test.each([
    ["reserved bits", { __reserved: 1, dev_id: 99 }, "EOPNOTSUPP"],
    ["data without a type", { data_len: 8, dev_id: 99 }, "EINVAL"],
    ["a type without data", { data_type: 1, dev_id: 99 }, "EINVAL"],
    ["an unknown device", { dev_id: 99, pt_id: 99 }, "ENOENT"],
    ["an unknown base", { pt_id: 99 }, "EINVAL"],
    ["a device as base", { pt_id: 3 }, "EINVAL"],
    ["unknown flags", { flags: 0x10 }, "EOPNOTSUPP"],
    ["a nest parent with faults", { flags: NEST_PARENT | FAULT_ID_VALID }, "EOPNOTSUPP"],
    ["an unknown fault queue", { flags: FAULT_ID_VALID, fault_id: 2 }, "ENOENT"],
  ])("refuses %s", (_, fields, errno) => {
    expect(vmm.allocHwpt({ dev_id: device, ...fields })).toBe(errno);
    expect(vmm.allocHwpt({ dev_id: device })).toBe(5);
  });

  test("DIRTY_TRACKING needs a device that can", () => {
    const blind = vmm.mock(1, NO_DIRTY_DEVICE).idev;
    expect(vmm.allocHwpt({ dev_id: blind, flags: DIRTY_TRACKING })).toBe("EOPNOTSUPP");
    expect(vmm.allocHwpt({ dev_id: device, flags: DIRTY_TRACKING })).toBe(7);
  });

  test.each([
    ["another type", words(0, 0), { data_type: 1 }, "EOPNOTSUPP"],
    ["too short", new Uint8Array(3), {}, "EINVAL"],
    ["too long", new Uint8Array(9), {}, "EINVAL"],
    ["an unknown page table", words(0, 2), {}, "EOPNOTSUPP"],
  ])("refuses driver data: %s", (_, data, fields, errno) => {
    expect(vmm.allocHwpt({ dev_id: device, ...fields }, data)).toBe(errno);
  });

  test("driver data that cannot be read is EFAULT", () => {
    const fields = { dev_id: device, data_type: 0xdead, data_len: 8, data_uptr: UNMAPPED };
    expect(vmm.allocHwpt(fields)).toBe("EFAULT");
  });

  test("its aperture must not meet what is mapped already", () => {
    const other = vmm.iommufd.allocIoas();
    expect(vmm.iommufd.mapFixed(0x1000n, PAGE, { ioas_id: other })).toBe(0x1000n);
    expect(vmm.allocHwpt({ dev_id: device, pt_id: other })).toBe("EADDRINUSE");
    const huge = words(0, HUGE_PAGE_TABLE);
    expect(vmm.allocHwpt({ dev_id: device, pt_id: other }, huge)).toBe(6);
    expect(vmm.iommufd.ioas(other).iova_alignment).toBe(PAGE);
  });

  test("keeps its IOAS and its fault queue in use", () => {
    const fault = vmm.faultQueue();
    vmm.close(fault.fd);
    const flags = FAULT_ID_VALID;
    const hwpt = Number(vmm.allocHwpt({ dev_id: device, flags, fault_id: fault.id }));
    expect(vmm.destroy(fault.id)).toBe("EBUSY");
    expect(vmm.destroy(1)).toBe("EBUSY");
    expect(vmm.destroy(hwpt)).toBe(0);
    expect(vmm.destroy(fault.id)).toBe(0);
  });
});

describe("a nested HWPT", () => {
  let parent: number;

  beforeEach(() => {
    parent = Number(vmm.allocHwpt({ dev_id: device, flags: NEST_PARENT }));
  });

  test("sits on a nest parent and keeps it in use", () => {
    const nested = Number(vmm.allocHwpt({ dev_id: device, pt_id: parent }, words(7)));
    expect(vmm.destroy(parent)).toBe("EBUSY");
    expect(vmm.allocHwpt({ dev_id: device, pt_id: nested }, words(7))).toBe("EINVAL");
    expect(vmm.destroy(nested)).toBe(0);
    expect(vmm.destroy(parent)).toBe(0);
  });

  test.each([
    ["flags of paging domains", { flags: NEST_PARENT }, words(7), "EOPNOTSUPP"],
    ["no driver data", {}, undefined, "EOPNOTSUPP"],
    ["data of another type", { data_type: 1 }, words(7), "EOPNOTSUPP"],
    ["short data", {}, new Uint8Array(3), "EINVAL"],
    ["a parent that is automatic", { pt_id: 4 }, words(7), "EINVAL"],
  ])("refuses %s", (_, fields, data, errno) => {
    expect(vmm.allocHwpt({ dev_id: device, pt_id: parent, ...fields }, data)).toBe(errno);
  });

  test("does not sit on a HWPT that is no nest parent", () => {
    const plain = Number(vmm.allocHwpt({ dev_id: device }));
    expect(vmm.allocHwpt({ dev_id: device, pt_id: plain }, words(7))).toBe("EINVAL");
  });

  test("belongs to devices behind the same IOMMU", () => {
    const { context, kernel } = vmm.iommufd;
    const hardware = new HardwareDevice("0000:00:03.0", new IommuGroup(), VTD_SECOND_STAGE);
    const foreign = new Device(context, kernel.machine.newSerial(), hardware);
    bind(foreign, context.nextId());
    const viommu = Number(vmm.viommu(device, parent));
    const data = words(7);
    expect(vmm.allocHwpt({ dev_id: foreign.id, pt_id: viommu }, data)).toBe("EINVAL");
    expect(vmm.allocHwpt({ dev_id: foreign.id, pt_id: parent }, data)).toBe("EINVAL");
    expect(vmm.vdevice(viommu, foreign.id, 1n)).toBe("EINVAL");
    expect(vmm.viommu(foreign.id, parent)).toBe("EOPNOTSUPP");
  });

  test("accepts the PASID flag", () => {
    const wish = { dev_id: device, pt_id: parent, flags: PASID };
    expect(vmm.allocHwpt(wish, words(7))).toBe(parent + 1);
  });
});

describe("HWPT_INVALIDATE", () => {
  let nested: number;

  beforeEach(() => {
    const parent = Number(vmm.allocHwpt({ dev_id: device, flags: NEST_PARENT }));
    nested = Number(vmm.allocHwpt({ dev_id: device, pt_id: parent }, words(7)));
  });

  function invalidate(fields: Record<string, unknown>, entries: Uint8Array = new Uint8Array(0)) {
    const base = { size: 32, hwpt_id: nested, data_uptr: BUFFER, data_type: MOCK_TYPE };
    const array = { entry_len: 8, entry_num: entries.length / 8, __reserved: 0 };
    const call = { ...base, ...array, ...fields } as Record<string, number | bigint>;
    const parts = entries.length > 0 ? buffer("data_uptr", entries) : {};
    const { errno, out } = vmm.iommufd.call("IOMMU_HWPT_INVALIDATE", call, parts);
    return [errno, out["entry_num"]];
  }

  function cached(check_id: number, iotlb: number): unknown {
    return vmm.iommufd.test("MD_CHECK_IOTLB", { op: 14, id: nested, check_id, iotlb });
  }

  test("forgets one entry, or all", () => {
    expect(invalidate({}, words(0, 2))).toEqual([undefined, 1]);
    expect([cached(1, 7), cached(2, 0), cached(2, 7), cached(4, 7)]).toEqual([
      0,
      0,
      "EINVAL",
      "EINVAL",
    ]);
    expect(invalidate({}, words(1, 0))).toEqual([undefined, 1]);
    expect(cached(3, 0)).toBe(0);
  });

  test("what comes before a bad entry is done, and entry_num says how much", () => {
    expect(invalidate({}, words(0, 0, 2, 1, 0, 3))).toEqual(["EOPNOTSUPP", 1]);
    expect([cached(0, 0), cached(3, 7)]).toEqual([0, 0]);
    expect(invalidate({}, words(0, 1, 0, 9))).toEqual(["EINVAL", 1]);
  });

  test.each([
    ["reserved bits", { __reserved: 1 }, words(0, 0), "EOPNOTSUPP"],
    ["entries without an array", { data_uptr: 0n, entry_num: 1 }, undefined, "EINVAL"],
    ["entries of no length", { entry_len: 0, entry_num: 1 }, undefined, "EINVAL"],
    ["entries longer than a page", { entry_len: 4097, entry_num: 1 }, undefined, "EINVAL"],
    ["too many entries", { entry_num: 0x80001 }, undefined, "EINVAL"],
    ["an unknown HWPT", { hwpt_id: 99 }, words(0, 0), "ENOENT"],
    ["a HWPT that is not nested", { hwpt_id: 4 }, words(0, 0), "EINVAL"],
    ["another type, without entries", { data_type: 0 }, undefined, "EINVAL"],
    ["entries of another length", { entry_len: 12, entry_num: 1 }, undefined, "EINVAL"],
  ])("refuses %s and reports no entry", (_, fields, entries, errno) => {
    expect(invalidate(fields, entries)).toEqual([errno, 0]);
  });

  test("no entries of the right type are fine", () => {
    expect(invalidate({ entry_num: 0, data_uptr: 0n })).toEqual([undefined, 0]);
  });

  test("an array over the struct itself shows entry_num as it comes back", () => {
    const struct = words(32, nested, Number(BUFFER & 0xffff_ffffn), 0x7f00, 0, 4097, 1, 0);
    const fields = { size: 32, hwpt_id: nested, data_uptr: BUFFER, data_type: 0 };
    const array = { entry_len: 4097, entry_num: 1, __reserved: 0 };
    const parts = { arg: BUFFER, ...buffer("data_uptr", struct) };
    const outcome = vmm.iommufd.call("IOMMU_HWPT_INVALIDATE", { ...fields, ...array }, parts);
    expect(outcome.mem_out?.slice(24, 28)).toEqual(words(0));
  });
});

describe("GET_HW_INFO", () => {
  function hwInfo(fields: Record<string, unknown>, given: Uint8Array = new Uint8Array(0)) {
    const base = { size: 40, flags: 0, dev_id: device, data_len: given.length, data_uptr: BUFFER };
    const rest = { in_data_type: 0, out_max_pasid_log2: 0, out_capabilities: 0n };
    const call = { ...base, ...rest, __reserved: "\0\0\0", ...fields } as never;
    return vmm.iommufd.call("IOMMU_GET_HW_INFO", call, buffer("data_uptr", given));
  }

  test("tells registers and capabilities, and clears the rest of the buffer", () => {
    const { out, mem_out } = hwInfo({}, new Uint8Array(16).fill(0xff));
    expect(mem_out).toEqual(words(0, 0xdead_beef, 0, 0));
    expect(out).toMatchObject({
      data_len: 8,
      in_data_type: 0xfeed_beef,
      out_max_pasid_log2: 0,
      out_capabilities: 9n,
    });
  });

  test("a device with PASIDs and without dirty tracking says so", () => {
    device = vmm.mock(1, 5).idev;
    expect(hwInfo({}).out).toMatchObject({ out_max_pasid_log2: 20, out_capabilities: 8n });
  });

  test("of a field that the size cuts, the first bytes are written", () => {
    expect(hwInfo({ size: 36 }).out_tail).toEqual(words(9));
  });

  test.each([
    ["unknown flags", { flags: 2 }, "EOPNOTSUPP"],
    ["reserved bytes", { __reserved: "\0\x01\0" }, "EOPNOTSUPP"],
    ["an unknown device", { dev_id: 99 }, "ENOENT"],
    ["another type", { flags: 1, in_data_type: 1 }, "EOPNOTSUPP"],
    ["a buffer that cannot be written", { data_uptr: UNMAPPED, data_len: 8 }, "EFAULT"],
  ])("refuses %s", (_, fields, errno) => {
    expect(hwInfo(fields).errno).toBe(errno);
  });

  test("the type that is there may be asked for by name", () => {
    expect(hwInfo({ flags: 1, in_data_type: 0xfeed_beef }).errno).toBeUndefined();
  });
});
