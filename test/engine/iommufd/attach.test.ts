/** Attach, replace, detach: mock devices through their ioctls, groups of PCI devices by plans. */

import { beforeEach, describe, expect, test } from "vitest";
import type { AttachPlan, AttachRefusal } from "../../../src/engine/iommufd/attach.js";
import { detach, planAttach, planReplace } from "../../../src/engine/iommufd/attach.js";
import { bind, checkBind, Device, unbind } from "../../../src/engine/iommufd/device.js";
import { HardwareDevice } from "../../../src/engine/iommufd/hardware-device.js";
import { IommuGroup } from "../../../src/engine/iommufd/iommu-group.js";
import type { IommuUnit } from "../../../src/engine/iommufd/iommu-unit.js";
import { AMD_VI, VTD_SECOND_STAGE } from "../../../src/engine/iommufd/iommu-unit-presets.js";
import {
  DIRTY_TRACKING,
  FAULT_ID_VALID,
  MockVmm,
  NO_DIRTY_DEVICE,
  PASID,
  PASID_DEVICE,
} from "./device-kernel.js";
import { BUFFER, iommufd, PAGE, TestKernel } from "./ioas-kernel.js";

const PROT_READ = 1;

let vmm: MockVmm;

beforeEach(() => {
  vmm = new MockVmm();
});

describe("mock devices", () => {
  test("take SELFTEST, DEVICE and HWPT ids, and share the automatic HWPT", () => {
    expect(vmm.mock()).toEqual({ stdev: 2, idev: 3, hwpt: 4 });
    expect(vmm.mock()).toEqual({ stdev: 5, idev: 6, hwpt: 4 });
  });

  test("their own ids are no targets: one is not visible yet, the other is a device", () => {
    expect(vmm.tryMock(2)).toBe("ENOENT");
    expect(vmm.tryMock(3)).toBe("EINVAL");
    expect(vmm.tryMock(1, 2)).toBe("EINVAL");
    expect(vmm.mock()).toEqual({ stdev: 2, idev: 3, hwpt: 4 });
  });

  test("the automatic HWPT goes with its last device, and all ids with it", () => {
    const { stdev, idev, hwpt } = vmm.mock();
    const second = vmm.mock();
    expect([vmm.destroy(idev), vmm.destroy(hwpt), vmm.destroy(1)]).toEqual(Array(3).fill("EBUSY"));
    expect(vmm.destroy(stdev)).toBe(0);
    expect(vmm.destroy(hwpt)).toBe("EBUSY");
    expect(vmm.destroy(second.stdev)).toBe(0);
    expect(vmm.iommufd.context.objects().map(({ id }) => id)).toEqual([1]);
  });

  test("a HWPT that somebody allocated is never chosen for an IOAS", () => {
    const { idev, stdev } = vmm.mock();
    const manual = Number(vmm.allocHwpt({ dev_id: idev }));
    expect(vmm.replace(stdev, manual)).toBe(manual);
    expect(vmm.mock().hwpt).not.toBe(manual);
  });

  test("a device that cannot track dirty pages refuses a domain that does", () => {
    const { idev } = vmm.mock();
    const tracking = Number(vmm.allocHwpt({ dev_id: idev, flags: DIRTY_TRACKING }));
    expect(vmm.tryMock(tracking, NO_DIRTY_DEVICE)).toBe("EINVAL");
    expect(vmm.mock(tracking).hwpt).toBe(tracking);
  });

  test("a new page table does not fit an IOAS with areas outside its aperture", () => {
    vmm.iommufd.mapFixed(0x1000n);
    expect(vmm.tryMock(1)).toBe("EADDRINUSE");
    expect(vmm.iommufd.context.objects().map(({ id }) => id)).toEqual([1]);
  });
});

describe("replace", () => {
  test("moves to another IOAS: the new HWPT has its id before the old one goes", () => {
    const { stdev, hwpt } = vmm.mock();
    const other = vmm.iommufd.allocIoas();
    expect(vmm.replace(stdev, other)).toBe(6);
    expect(vmm.destroy(hwpt)).toBe("ENOENT");
    expect(vmm.destroy(1)).toBe(0);
    expect(vmm.destroy(other)).toBe("EBUSY");
  });

  test("with what is attached already changes nothing", () => {
    const { stdev, hwpt } = vmm.mock();
    expect(vmm.replace(stdev, 1)).toBe(hwpt);
    expect(vmm.replace(stdev, hwpt)).toBe(hwpt);
  });

  test("that fails leaves the old attachment", () => {
    const { stdev, idev, hwpt } = vmm.mock();
    const other = vmm.iommufd.allocIoas();
    vmm.iommufd.mapFixed(0x1000n, PAGE, { ioas_id: other });
    expect(vmm.replace(stdev, other)).toBe("EADDRINUSE");
    expect(vmm.replace(stdev, idev)).toBe("EINVAL");
    expect(vmm.replace(stdev, 99)).toBe("ENOENT");
    expect(vmm.checkPasid(stdev, 0, hwpt)).toBe(0);
  });

  test("the trace says that the kernel refused: nothing changes", () => {
    const { stdev, hwpt } = vmm.mock();
    const other = vmm.iommufd.allocIoas();
    vmm.replace(stdev, other, { ret: -1, errno: "ENOMEM" });
    expect(vmm.checkPasid(stdev, 0, hwpt)).toBe(0);
    expect(vmm.destroy(other)).toBe(0);
  });

  test("stays done when the answer cannot be written", () => {
    const { stdev } = vmm.mock();
    const other = vmm.iommufd.allocIoas();
    vmm.iommufd.kernel.mmap(BUFFER, PAGE, { prot: PROT_READ });
    expect(vmm.replace(stdev, other, { arg: BUFFER })).toBe("EFAULT");
    expect(vmm.destroy(1)).toBe(0);
  });
});

describe("what the kernel answered is followed", () => {
  test("ids the kernel chose differently are used from then on", () => {
    const out = { out_stdev_id: 7, out_idev_id: 8, out_hwpt_id: 9 };
    vmm.tryMock(1, 0, { ret: 0, out });
    expect(vmm.checkPasid(7, 0, 9)).toBe(0);
    expect(vmm.mock()).toEqual({ stdev: 2, idev: 3, hwpt: 9 });
  });

  test("a device the model would refuse exists when the kernel made it", () => {
    vmm.iommufd.mapFixed(0x1000n);
    vmm.tryMock(1, 0, { ret: 0, out: { out_stdev_id: 2, out_idev_id: 3, out_hwpt_id: 4 } });
    expect(vmm.checkPasid(2, 0, 4)).toBe(0);
  });

  test("an injected fault can make a second automatic HWPT", () => {
    vmm.mock();
    vmm.iommufd.kernel.machine.process(vmm.iommufd.pid).faultInjection = true;
    const out = { out_stdev_id: 5, out_idev_id: 6, out_hwpt_id: 7 };
    expect(vmm.tryMock(1, 0, { ret: 0, out })).toEqual({ stdev: 5, idev: 6, hwpt: 7 });
    expect(vmm.checkPasid(5, 0, 7)).toBe(0);
  });
});

describe("PASIDs", () => {
  let stdev: number;
  let idev: number;
  let compatible: number;

  beforeEach(() => {
    ({ stdev, idev } = vmm.mock(1, PASID_DEVICE));
    compatible = Number(vmm.allocHwpt({ dev_id: idev, flags: PASID }));
  });

  test("RID and PASID both need HWPTs with the flag", () => {
    expect(vmm.pasid("ATTACH", stdev, 5, compatible)).toBe("EINVAL");
    vmm.replace(stdev, compatible);
    expect(vmm.pasid("ATTACH", stdev, 5, compatible)).toBe(compatible);
    expect(vmm.pasid("ATTACH", stdev, 5, compatible)).toBe("EBUSY");
    expect(vmm.pasid("ATTACH", stdev, 6, 1)).toBe("EINVAL");
    expect(vmm.replace(stdev, 1)).toBe("EINVAL");
    expect(vmm.detachPasid(stdev, 5)).toBe(0);
    expect(vmm.detachPasid(stdev, 5)).toBe(0);
    expect(vmm.replace(stdev, 1)).not.toBe("EINVAL");
  });

  test("a replace needs an attachment", () => {
    vmm.replace(stdev, compatible);
    expect(vmm.pasid("REPLACE", stdev, 5, compatible)).toBe("EINVAL");
    expect(vmm.checkPasid(stdev, 5, 0)).toBe(0);
    expect(vmm.pasid("ATTACH", stdev, 0, compatible)).toBe("EBUSY");
  });

  test("a device without PASIDs has none above 0", () => {
    const plain = vmm.mock(compatible).stdev;
    expect(vmm.pasid("ATTACH", plain, 1, compatible)).toBe("EINVAL");
    expect(vmm.pasid("ATTACH", stdev, 1 << 20, compatible)).toBe("EINVAL");
  });

  test("PASID 1024 fails every second time", () => {
    vmm.replace(stdev, compatible);
    const other = Number(vmm.allocHwpt({ dev_id: idev, flags: PASID }));
    expect(vmm.pasid("ATTACH", stdev, 1024, compatible)).toBe(compatible);
    expect(vmm.pasid("REPLACE", stdev, 1024, other)).toBe("ENOMEM");
    expect(vmm.checkPasid(stdev, 1024, compatible)).toBe(0);
    expect(vmm.pasid("REPLACE", stdev, 1024, other)).toBe(other);
    expect(vmm.checkPasid(stdev, 1024, compatible)).toBe("EINVAL");
  });
});

describe("groups of devices behind a real IOMMU", () => {
  const opened = () => iommufd(new TestKernel());
  let vm: ReturnType<typeof opened>;
  let group: IommuGroup;

  beforeEach(() => {
    vm = opened();
    group = new IommuGroup();
  });

  function device(name: string, unit: IommuUnit = VTD_SECOND_STAGE): Device {
    const hardware = new HardwareDevice(name, group, unit);
    const bound = new Device(vm.context, vm.kernel.machine.newSerial(), hardware);
    bind(bound, vm.context.nextId());
    return bound;
  }

  function plan(verb: "attach" | "replace", to: Device, pt_id: number) {
    const process = vm.kernel.machine.process(vm.pid);
    const wish = { device: to, pasid: 0, pt_id, process };
    return verb === "attach" ? planAttach(wish) : planReplace(wish);
  }

  /** The HWPT id, or the errno. */
  function commit(made: AttachPlan | AttachRefusal): number | string {
    return made.errno ?? made.commit(made.predictedId()).id;
  }

  test("a plan changes nothing until it is committed", () => {
    const made = plan("attach", device("0000:00:03.0"), 1);
    expect(vm.context.objects().map(({ type }) => type)).toEqual(["IOAS", "DEVICE"]);
    expect(vm.ioas().reserved.merged).toEqual([]);
    expect(commit(made)).toBe(3);
    expect([...vm.ioas().reserved.gaps()]).toEqual([
      { first: 0n, last: 0xfedf_ffffn },
      { first: 0xfef0_0000n, last: 0xffff_ffff_ffffn },
    ]);
  });

  test("reserved windows come with the attach and leave with the detach", () => {
    const edu = device("0000:00:03.0", AMD_VI);
    commit(plan("attach", edu, 1));
    expect([...vm.ioas().reserved.gaps()]).toHaveLength(3);
    detach(edu, 0);
    expect([...vm.ioas().reserved.gaps()]).toHaveLength(1);
    expect(edu.users).toBe(2);
  });

  test("a mapping in a reserved window keeps the device out", () => {
    const edu = device("0000:00:03.0");
    vm.mapFixed(0xfee0_0000n);
    expect(commit(plan("attach", edu, 1))).toBe("EADDRINUSE");
    expect(vm.context.nextId()).toBe(3);
  });

  test("the second device of a group takes the same HWPT, or none", () => {
    const [first, second] = [device("0000:00:03.0"), device("0000:00:03.1")];
    const hwpt = commit(plan("attach", first, 1));
    expect(commit(plan("attach", second, vm.allocIoas()))).toBe("EINVAL");
    expect(commit(plan("attach", second, 1))).toBe(hwpt);
    expect(commit(plan("attach", second, 1))).toBe("EBUSY");
  });

  test("a replace moves the whole group", () => {
    const [first, second] = [device("0000:00:03.0"), device("0000:00:03.1")];
    commit(plan("attach", first, 1));
    expect(commit(plan("replace", second, 1))).toBe("EINVAL");
    commit(plan("attach", second, 1));
    const other = vm.allocIoas();
    const hwpt = commit(plan("replace", second, other));
    expect(first.attachment(0)?.hwpt.id).toBe(hwpt);
    expect(first.attachment(0)?.handle.device).toBe(second);
    expect(vm.ioas(1).reserved.merged).toEqual([]);
    expect(
      vm
        .ioas(other)
        .reserved.entries()
        .filter(({ owner }) => owner === first),
    ).toHaveLength(1);
    unbind(first);
    unbind(second);
    expect(vm.context.objects().map(({ type }) => type)).toEqual(["IOAS", "IOAS"]);
  });

  test("belongs to one iommufd at a time", () => {
    device("0000:00:03.0");
    const sibling = new HardwareDevice("0000:00:03.1", group, VTD_SECOND_STAGE);
    const other = iommufd(vm.kernel).context;
    expect(checkBind(other, sibling)).toBe("EPERM");
    expect(checkBind(vm.context, sibling)).toBeUndefined();
  });

  test("a device without interrupt remapping, or with 1:1 regions, is not bound", () => {
    const hardware = new HardwareDevice("0000:00:03.0", group, VTD_SECOND_STAGE);
    hardware.reserved = [{ first: 0n, last: 0xfffn, kind: "direct" }];
    expect(checkBind(vm.context, hardware)).toBe("EINVAL");
    hardware.capabilities = { ...hardware.capabilities, isolated_msi: false };
    expect(checkBind(vm.context, hardware)).toBe("EPERM");
  });

  test("on VT-d a refused replace takes the translation away until the next attach", () => {
    const edu = device("0000:00:03.0");
    const before = commit(plan("attach", edu, 1));
    const vmm = new MockVmm(vm);
    const { id: fault_id } = vmm.faultQueue();
    const faulting = vmm.allocHwpt({ dev_id: edu.id, flags: FAULT_ID_VALID, fault_id });
    const refusal = plan("replace", edu, Number(faulting));
    expect(refusal.errno).toBe("ENODEV");
    if (refusal.errno !== undefined) refusal.aftermath?.();
    expect(edu.attachment(0)?.hwpt.id).toBe(before);
    expect(edu.hardware.translation_lost).toBe(true);
    commit(plan("replace", edu, Number(vmm.allocHwpt({ dev_id: edu.id }))));
    expect(edu.hardware.translation_lost).toBe(false);
  });
});
