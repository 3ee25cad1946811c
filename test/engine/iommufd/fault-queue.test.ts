/** Fault queues: page requests on their way to user space and back. */

import { beforeEach, describe, expect, test } from "vitest";
import {
  FAULT_ID_VALID,
  MockVmm,
  NEST_PARENT,
  PASID,
  PASID_DEVICE,
  words,
  wordsOf,
} from "./device-kernel.js";

const RECORD = 40;
const LAST_PAGE = 2;
const PASID_VALID = 1;

let vmm: MockVmm;
let queue: { id: number; fd: number };
let device: { stdev: number; idev: number };

beforeEach(() => {
  vmm = new MockVmm();
  device = vmm.mock(1, PASID_DEVICE);
  queue = vmm.faultQueue();
  const flags = FAULT_ID_VALID | PASID;
  const hwpt = vmm.allocHwpt({ dev_id: device.idev, flags, fault_id: queue.id });
  vmm.replace(device.stdev, Number(hwpt));
});

function readOne(): number[] {
  return wordsOf(vmm.read(queue.fd, RECORD));
}

function answer(cookie: number, code = 0) {
  const { errno, ret } = vmm.write(queue.fd, words(cookie, code));
  return errno ?? ret;
}

test("a request is read once and carries a cookie for the answer", () => {
  expect(vmm.triggerFault(device.idev, { grpid: 2, perm: 3, addr: 0x1_2345_6789n })).toBe(0);
  const [flags, dev_id, pasid, grpid, perm, , low, high, length, cookie] = readOne();
  expect([flags, dev_id, pasid]).toEqual([LAST_PAGE, device.idev, 0]);
  expect([grpid, perm, low, high, length, cookie]).toEqual([2, 3, 0x2345_6789, 1, 0, 1]);
  expect(vmm.read(queue.fd, RECORD).ret).toBe(0);
  expect([answer(1), answer(1)]).toEqual([8, "EINVAL"]);
});

test("cookies are the lowest free ones", () => {
  for (let request = 0; request < 3; request++) vmm.triggerFault(device.idev);
  const cookies = [readOne().at(-1), readOne().at(-1)];
  expect(cookies).toEqual([1, 2]);
  answer(1);
  expect(readOne().at(-1)).toBe(1);
});

test("as many whole requests are read as fit", () => {
  for (let request = 0; request < 3; request++) vmm.triggerFault(device.idev);
  expect(vmm.read(queue.fd, 2 * RECORD).ret).toBe(2 * RECORD);
  expect(vmm.read(queue.fd, 2 * RECORD).ret).toBe(RECORD);
});

test("a count without whole records is refused", () => {
  vmm.triggerFault(device.idev);
  expect(vmm.read(queue.fd, RECORD - 1).errno).toBe("ESPIPE");
  expect(vmm.read(queue.fd, 0).errno).toBe("EINVAL");
  expect(vmm.write(queue.fd, new Uint8Array(7)).errno).toBe("ESPIPE");
});

test("answers before a bad one count", () => {
  vmm.triggerFault(device.idev);
  readOne();
  expect(answer(1, 2)).toBe("EINVAL");
  expect(vmm.write(queue.fd, words(1, 1, 9, 0)).ret).toBe(8);
});

describe("routing", () => {
  test("a PASID nobody attached has no queue, unless the guest keeps the PASID table", () => {
    vmm.triggerFault(device.idev, { pasid: 5 });
    expect(vmm.read(queue.fd, RECORD).ret).toBe(0);

    const parent = Number(vmm.allocHwpt({ dev_id: device.idev, flags: NEST_PARENT }));
    const wish = { dev_id: device.idev, pt_id: parent, flags: FAULT_ID_VALID, fault_id: queue.id };
    vmm.replace(device.stdev, Number(vmm.allocHwpt(wish, words(7))));
    vmm.triggerFault(device.idev, { pasid: 5 });
    expect(readOne().slice(0, 3)).toEqual([LAST_PAGE | PASID_VALID, device.idev, 5]);
  });

  test("an attached PASID has its own queue", () => {
    const own = vmm.faultQueue();
    const flags = FAULT_ID_VALID | PASID;
    const hwpt = vmm.allocHwpt({ dev_id: device.idev, flags, fault_id: own.id });
    vmm.pasid("ATTACH", device.stdev, 5, Number(hwpt));
    vmm.triggerFault(device.idev, { pasid: 5 });
    expect(vmm.read(queue.fd, RECORD).ret).toBe(0);
    expect(vmm.read(own.fd, RECORD).ret).toBe(RECORD);
  });

  test("a domain without a queue takes no requests", () => {
    vmm.replace(device.stdev, 1);
    expect(vmm.triggerFault(device.idev)).toBe(0);
    expect(vmm.read(queue.fd, RECORD).ret).toBe(0);
  });

  test("a replace answers what was open", () => {
    vmm.triggerFault(device.idev);
    vmm.triggerFault(device.idev);
    readOne();
    vmm.replace(device.stdev, 1);
    expect(vmm.read(queue.fd, RECORD).ret).toBe(0);
    expect(answer(1)).toBe("EINVAL");
  });
});

test("the descriptor keeps the iommufd alive, and closing it keeps the queue", () => {
  const { iommufd } = vmm;
  const { context } = iommufd;
  expect(vmm.destroy(queue.id)).toBe("EBUSY");
  vmm.close(iommufd.fd);
  vmm.triggerFault(device.idev);
  expect(context.find(queue.id)).toBeDefined();
  expect(vmm.read(queue.fd, RECORD).ret).toBe(0);
  vmm.close(queue.fd);
  expect(context.objects()).toEqual([]);
});

test("unknown flags are refused", () => {
  const fields = { size: 16, flags: 1, out_fault_id: 0, out_fault_fd: 0 };
  expect(vmm.iommufd.answer("IOMMU_FAULT_QUEUE_ALLOC", fields)).toBe("EOPNOTSUPP");
});
