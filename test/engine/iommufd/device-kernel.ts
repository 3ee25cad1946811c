/** Short words for mock devices, HWPTs, vIOMMUs and queues, on top of the iommufd under test. */

import type { StructValues } from "../../../src/engine/abi/layout.js";
import type { Outcome } from "../../../src/engine/call/outcome.js";
import type { NestedBuffer } from "../../../src/engine/event/index.js";
import { BUFFER, type CallParts, type Iommufd, iommufd } from "./ioas-kernel.js";

export const NEST_PARENT = 1;
export const DIRTY_TRACKING = 2;
export const FAULT_ID_VALID = 4;
export const PASID = 8;

export const NO_DIRTY_DEVICE = 1;
export const PASID_DEVICE = 4;

/** Driver data of the mock: cache value, page table type. */
export const SELFTEST_DATA = 0xdead;
export const HUGE_PAGE_TABLE = 1;
export const MOCK_TYPE = 0xdead_beef;
export const EVENT_TYPE = 0xbeef_beef;

/** Little-endian 32-bit words. */
export function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setUint32(index * 4, value >>> 0, true);
  });
  return bytes;
}

/** A buffer of the caller at `BUFFER`, as a recorder shows it before the call. */
export function buffer(field: string, bytes: Uint8Array): { mem: NestedBuffer } {
  const length_bytes = BigInt(bytes.length);
  return { mem: { field, addr: BUFFER, length_bytes, in: bytes, out: null } };
}

export interface MockIds {
  readonly stdev: number;
  readonly idev: number;
  readonly hwpt: number;
}

/** An iommufd as a VMM with mock hardware uses it. */
export class MockVmm {
  constructor(readonly iommufd: Iommufd = iommufdWithIoas()) {}

  /** The ids of a new mock device attached to `target`, or the errno. */
  tryMock(target: number, dev_flags = 0, parts: CallParts = {}): MockIds | string {
    const fields = { size: 72, op: 12, id: target, dev_flags };
    const empty = { out_stdev_id: 0, out_hwpt_id: 0, out_idev_id: 0 };
    const op = "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS";
    const { errno, out } = this.iommufd.call(op, { ...fields, ...empty }, parts);
    if (errno !== undefined) return errno;
    return {
      stdev: Number(out["out_stdev_id"]),
      idev: Number(out["out_idev_id"]),
      hwpt: Number(out["out_hwpt_id"]),
    };
  }

  mock(target = 1, dev_flags = 0): MockIds {
    const ids = this.tryMock(target, dev_flags);
    if (typeof ids === "string") throw new Error(`mock device: ${ids}`);
    return ids;
  }

  /** The id of a new HWPT, or the errno. `data` is driver data of the mock. */
  allocHwpt(fields: StructValues, data?: Uint8Array): number | string {
    const given = data === undefined ? 0 : data.length;
    const type = data === undefined ? 0 : SELFTEST_DATA;
    const pointer = data === undefined ? 0n : BUFFER;
    const base = { size: 48, flags: 0, dev_id: 0, pt_id: 1, out_hwpt_id: 0, __reserved: 0 };
    const carried = { data_type: type, data_len: given, data_uptr: pointer, fault_id: 0 };
    const parts = data === undefined ? {} : buffer("data_uptr", data);
    const outcome = this.iommufd.call(
      "IOMMU_HWPT_ALLOC",
      { ...base, ...carried, ...fields },
      parts,
    );
    return outcome.errno ?? Number(outcome.out["out_hwpt_id"]);
  }

  /** The HWPT a mock device uses after a replace, or the errno. */
  replace(stdev: number, pt_id: number, parts: CallParts = {}): number | string {
    const fields = { size: 72, op: 10, id: stdev, pt_id };
    const { errno, out } = this.iommufd.call("IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE", fields, parts);
    return errno ?? Number(out["pt_id"]);
  }

  pasid(verb: "ATTACH" | "REPLACE", stdev: number, pasid: number, pt_id: number): number | string {
    const op = verb === "ATTACH" ? 18 : 19;
    const fields = { size: 72, op, id: stdev, pasid, pt_id };
    const { errno, out } = this.iommufd.call(`IOMMU_TEST_OP_PASID_${verb}`, fields);
    return errno ?? Number(out["pt_id"]);
  }

  detachPasid(stdev: number, pasid: number): unknown {
    return this.iommufd.test("PASID_DETACH", { op: 20, id: stdev, pasid });
  }

  /** 0 when this HWPT is attached at the PASID; HWPT 0 asks for none. */
  checkPasid(stdev: number, pasid: number, hwpt_id: number): unknown {
    return this.iommufd.test("PASID_CHECK_HWPT", { op: 21, id: stdev, pasid, hwpt_id });
  }

  destroy(id: number): unknown {
    return this.iommufd.answer("IOMMU_DESTROY", { size: 8, id });
  }

  /** A fault queue: its id and descriptor. */
  faultQueue(): { id: number; fd: number } {
    const fields = { size: 16, flags: 0, out_fault_id: 0, out_fault_fd: 0 };
    const { out } = this.iommufd.call("IOMMU_FAULT_QUEUE_ALLOC", fields);
    return { id: Number(out["out_fault_id"]), fd: Number(out["out_fault_fd"]) };
  }

  triggerFault(dev_id: number, fields: StructValues = {}): unknown {
    const request = { pasid: 0, grpid: 1, perm: 3, addr: 0x1000n, ...fields };
    return this.iommufd.test("TRIGGER_IOPF", { op: 15, id: 0, dev_id, ...request });
  }

  /** The id of a new vIOMMU, or the errno. */
  viommu(dev_id: number, hwpt_id: number, fields: StructValues = {}): number | string {
    const base = { size: 40, flags: 0, type: MOCK_TYPE, dev_id, hwpt_id, out_viommu_id: 0 };
    const outcome = this.iommufd.call("IOMMU_VIOMMU_ALLOC", { ...base, ...NO_DATA, ...fields });
    return outcome.errno ?? Number(outcome.out["out_viommu_id"]);
  }

  vdevice(viommu_id: number, dev_id: number, virt_id: bigint): number | string {
    const fields = { size: 24, viommu_id, dev_id, virt_id, out_vdevice_id: 0 };
    const { errno, out } = this.iommufd.call("IOMMU_VDEVICE_ALLOC", fields);
    return errno ?? Number(out["out_vdevice_id"]);
  }

  /** An event queue: its id and descriptor, or the errno. */
  veventq(
    viommu_id: number,
    depth: number,
    type = EVENT_TYPE,
  ): { id: number; fd: number } | string {
    const base = { size: 32, flags: 0, viommu_id, type, veventq_depth: depth, __reserved: 0 };
    const empty = { out_veventq_id: 0, out_veventq_fd: 0 };
    const { errno, out } = this.iommufd.call("IOMMU_VEVENTQ_ALLOC", { ...base, ...empty });
    if (errno !== undefined) return errno;
    return { id: Number(out["out_veventq_id"]), fd: Number(out["out_veventq_fd"]) };
  }

  triggerEvent(dev_id: number): unknown {
    return this.iommufd.test("TRIGGER_VEVENT", { op: 17, id: 0, dev_id });
  }

  read(fd: number, count: number): Outcome {
    const { kernel, pid } = this.iommufd;
    return kernel.apply({ type: "read", pid, fd, count: BigInt(count) });
  }

  write(fd: number, data: Uint8Array): Outcome {
    const { kernel, pid } = this.iommufd;
    return kernel.apply({ type: "write", pid, fd, count: BigInt(data.length), data });
  }

  close(fd: number): unknown {
    const { kernel, pid } = this.iommufd;
    return kernel.apply({ type: "close", pid, fd }).ret;
  }
}

const NO_DATA = { data_len: 0, __reserved: 0, data_uptr: 0n };

function iommufdWithIoas(): Iommufd {
  return iommufd();
}

/** The 32-bit words a read returned. */
export function wordsOf({ data }: Outcome): number[] {
  if (data === undefined) return [];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.length / 4 }, (_, index) => view.getUint32(index * 4, true));
}
