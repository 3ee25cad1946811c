/** vIOMMUs, virtual devices, event queues and the pages a vIOMMU lets user space map. */

import { beforeEach, describe, expect, test } from "vitest";
import { buffer, MOCK_TYPE, MockVmm, NEST_PARENT, words, wordsOf } from "./device-kernel.js";
import { BUFFER, PAGE } from "./ioas-kernel.js";

const VIRT_ID = 0x99n;
const LOST = 1;

let vmm: MockVmm;
let device: { stdev: number; idev: number };
let parent: number;
let viommu: number;

beforeEach(() => {
  vmm = new MockVmm();
  device = vmm.mock();
  parent = Number(vmm.allocHwpt({ dev_id: device.idev, flags: NEST_PARENT }));
  viommu = Number(vmm.viommu(device.idev, parent));
});

/** The guest's page table is in use, so that events of the device reach the vIOMMU. */
function enterGuest(): void {
  vmm.vdevice(viommu, device.idev, VIRT_ID);
  const nested = vmm.allocHwpt({ dev_id: device.idev, pt_id: viommu }, words(7));
  vmm.replace(device.stdev, Number(nested));
}

describe("VIOMMU_ALLOC", () => {
  test.each([
    ["unknown flags", { flags: 1 }, "EOPNOTSUPP"],
    ["no type", { type: 0, dev_id: 99 }, "EOPNOTSUPP"],
    ["an unknown device", { dev_id: 99, type: 1 }, "ENOENT"],
    ["a type the driver does not know", { type: 1, hwpt_id: 99 }, "EOPNOTSUPP"],
    ["an unknown HWPT", { hwpt_id: 99 }, "ENOENT"],
    ["a HWPT that is no nest parent", { hwpt_id: 4 }, "EINVAL"],
    ["short data", { data_len: 7, data_uptr: BUFFER }, "EINVAL"],
    ["data that cannot be read", { data_len: 24, data_uptr: PAGE }, "EFAULT"],
  ])("refuses %s", (_, fields, errno) => {
    expect(vmm.viommu(device.idev, parent, fields)).toBe(errno);
  });

  test("keeps its HWPT in use", () => {
    expect(vmm.destroy(parent)).toBe("EBUSY");
    expect(vmm.destroy(viommu)).toBe(0);
    expect(vmm.destroy(parent)).toBe(0);
  });

  test("needs a virtual device before its nested HWPT is attached", () => {
    const nested = vmm.allocHwpt({ dev_id: device.idev, pt_id: viommu }, words(7));
    expect(vmm.replace(device.stdev, Number(nested))).toBe("ENOENT");
    vmm.vdevice(viommu, device.idev, VIRT_ID);
    expect(vmm.replace(device.stdev, Number(nested))).toBe(nested);
    expect(vmm.destroy(viommu)).toBe("EBUSY");
  });
});

describe("pages of a vIOMMU", () => {
  const REGION = 2n * PAGE;

  function withPages(): { id: number; offset: bigint } {
    const base = { size: 40, flags: 0, type: MOCK_TYPE, dev_id: device.idev, hwpt_id: parent };
    const data = { out_viommu_id: 0, data_len: 24, __reserved: 0, data_uptr: BUFFER };
    const given = buffer("data_uptr", words(5, 0, 0, 0, 0, 0));
    const { out, mem_out } = vmm.iommufd.call("IOMMU_VIOMMU_ALLOC", { ...base, ...data }, given);
    const [in_data, out_data, offset = 0, , length] = wordsOf({ data: mem_out } as never);
    expect([in_data, out_data, length]).toEqual([5, 5, Number(REGION)]);
    return { id: Number(out["out_viommu_id"]), offset: BigInt(offset) };
  }

  function mmap(offset: bigint, length: bigint, flags = 1, prot = 3) {
    const { kernel, fd, pid } = vmm.iommufd;
    const event = { type: "mmap", pid, addr: 0n, length, prot, flags, fd, offset } as const;
    const { errno, ret } = kernel.apply(event);
    return errno ?? BigInt(ret);
  }

  test("lie one behind the other, and free offsets are used again", () => {
    const [first, second] = [withPages(), withPages()];
    expect([first.offset, second.offset]).toEqual([PAGE, 3n * PAGE]);
    vmm.destroy(first.id);
    expect(withPages().offset).toBe(PAGE);
  });

  test("are mapped whole, shared and not executable", () => {
    const { offset } = withPages();
    expect(mmap(offset + PAGE, REGION)).toBe("ENXIO");
    expect(mmap(offset, PAGE)).toBe("ENXIO");
    expect(mmap(offset, 2n * REGION)).toBe("ENXIO");
    expect(mmap(offset, REGION, 2)).toBe("EINVAL");
    expect(mmap(offset, REGION, 1, 5)).toBe("EPERM");
    expect(typeof mmap(offset, REGION)).toBe("bigint");
  });

  test("keep the vIOMMU in use while any of them is mapped", () => {
    const { id, offset } = withPages();
    const address = mmap(offset, REGION) as bigint;
    expect(vmm.destroy(id)).toBe("EBUSY");
    vmm.iommufd.kernel.munmap(address, PAGE);
    expect(vmm.destroy(id)).toBe("EBUSY");
    vmm.iommufd.kernel.munmap(address + PAGE, PAGE);
    expect(vmm.destroy(id)).toBe(0);
  });
});

describe("virtual devices", () => {
  test("a device has one, and a number in a vIOMMU is given once", () => {
    const id = vmm.vdevice(viommu, device.idev, VIRT_ID);
    expect(vmm.vdevice(viommu, device.idev, 0x98n)).toBe("EEXIST");
    const other = vmm.mock();
    expect(vmm.vdevice(viommu, other.idev, VIRT_ID)).toBe("EEXIST");
    expect(vmm.vdevice(99, 99, VIRT_ID)).toBe("ENOENT");
    expect(vmm.vdevice(viommu, 99, VIRT_ID)).toBe("ENOENT");
    expect(vmm.destroy(Number(id))).toBe(0);
    expect(vmm.vdevice(viommu, other.idev, VIRT_ID)).toBe(id);
  });

  test("go with their device and leave their id blocked", () => {
    const id = Number(vmm.vdevice(viommu, device.idev, VIRT_ID));
    vmm.destroy(device.stdev);
    expect(vmm.destroy(id)).toBe("ENOENT");
    expect(vmm.iommufd.context.nextIds(4)).not.toContain(id);
    expect(vmm.destroy(viommu)).toBe(0);
  });
});

describe("event queues", () => {
  function readWords(fd: number, count: number): number[] | string {
    const outcome = vmm.read(fd, count);
    return outcome.errno ?? wordsOf(outcome);
  }

  test.each([
    ["no room", 0, "EINVAL"],
    ["too much room", 0x80001, "EINVAL"],
  ])("refuses %s", (_, depth, errno) => {
    expect(vmm.veventq(viommu, depth)).toBe(errno);
  });

  test("there is one for each type of a vIOMMU", () => {
    expect(vmm.veventq(99, 1)).toBe("ENOENT");
    expect(vmm.veventq(viommu, 1, 0)).toBe("EOPNOTSUPP");
    const { id, fd } = vmm.veventq(viommu, 1) as { id: number; fd: number };
    expect(vmm.veventq(viommu, 1)).toBe("EEXIST");
    expect(vmm.destroy(id)).toBe("EBUSY");
    vmm.close(fd);
    expect(vmm.destroy(id)).toBe(0);
    expect(vmm.veventq(viommu, 1)).not.toBe("EEXIST");
  });

  test("events need a guest page table and somebody who listens", () => {
    expect(vmm.triggerEvent(device.idev)).toBe("ENOENT");
    enterGuest();
    expect(vmm.triggerEvent(device.idev)).toBe("EOPNOTSUPP");
    vmm.veventq(viommu, 2);
    expect(vmm.triggerEvent(device.idev)).toBe(0);
    expect(vmm.triggerEvent(99)).toBe("ENOENT");
  });

  describe("with a depth of two", () => {
    let fd: number;

    beforeEach(() => {
      enterGuest();
      ({ fd } = vmm.veventq(viommu, 2) as { fd: number });
    });

    function trigger(count: number): void {
      for (let event = 0; event < count; event++) vmm.triggerEvent(device.idev);
    }

    test("events are numbered and read in order", () => {
      trigger(2);
      expect(readWords(fd, 24)).toEqual([0, 0, 0x99, 0, 1, 0x99]);
      expect(vmm.read(fd, 12).ret).toBe(0);
    });

    test("what does not fit leaves one mark with the latest number", () => {
      trigger(4);
      expect(readWords(fd, 64)).toEqual([0, 0, 0x99, 0, 1, 0x99, LOST, 3]);
    });

    test("the mark goes when the next event fits", () => {
      trigger(3);
      expect(readWords(fd, 12)).toEqual([0, 0, 0x99]);
      trigger(1);
      expect(readWords(fd, 64)).toEqual([0, 1, 0x99, 0, 3, 0x99]);
    });

    test("counts that hold no record are refused", () => {
      expect(readWords(fd, 7)).toBe("EINVAL");
      expect(vmm.read(fd, 8).ret).toBe(0);
      trigger(3);
      expect(readWords(fd, 8)).toBe("EINVAL");
      readWords(fd, 24);
      expect(readWords(fd, 8)).toEqual([LOST, 2]);
      expect(vmm.write(fd, words(0, 0)).errno).toBe("EINVAL");
    });
  });
});
