/** Groups of several devices, PASIDs and feature subcommands on VFIO devices. */

import { describe, expect, test } from "vitest";
import type { MachineFacts } from "../../../src/engine/event/index.js";
import type { ScenarioProcess } from "../../../src/replay/scenario/scenario-process.js";
import { startVmm } from "../vfio/devices.js";

const NODES = ["/dev/vfio/devices/vfio0", "/dev/vfio/devices/vfio1"] as const;

const RESERVED = [{ first: 0xfee00000n, last: 0xfeefffffn, kind: "msi" }];

/** Two functions that one IOMMU group holds together. */
const FACTS: MachineFacts = {
  iommu: "vt-d",
  devices: NODES.map((cdev, index) => ({
    ...{ bdf: `0000:03:00.${index}`, group: 7, driver: "vfio-pci", cdev },
    ...{ resettable: true, reserved: RESERVED },
  })),
};

const ATTACH = "VFIO_DEVICE_ATTACH_IOMMUFD_PT";
const DETACH = "VFIO_DEVICE_DETACH_IOMMUFD_PT";
const FEATURE = "VFIO_DEVICE_FEATURE";
const GET = 1 << 16;
const SET = 1 << 17;
const PROBE = 1 << 18;

function twins() {
  const { vmm, iommufd } = startVmm(FACTS);
  const [first, second] = NODES.map((node) => vmm.open(node)) as [number, number];
  return { vmm, iommufd, first, second };
}

function attached(vmm: ScenarioProcess, device: number, pt_id: number): unknown {
  return vmm.ioctl(device, ATTACH, { argsz: 16, flags: 0, pt_id, pasid: 0 })["pt_id"];
}

describe("two devices of one group", () => {
  test("belong to one iommufd", () => {
    const { vmm, iommufd, first, second } = twins();
    const other = vmm.open("/dev/iommu");
    vmm.bind(first, iommufd);
    vmm.bind(second, other, { refused: "EPERM" });
    expect(vmm.bind(second, iommufd)).toBe(2);
  });

  test("share a page table: the second finds the automatic one, and fits no other", () => {
    const { vmm, iommufd, first, second } = twins();
    for (const device of [first, second]) vmm.bind(device, iommufd);
    const [here, there] = [vmm.allocIoas(iommufd), vmm.allocIoas(iommufd)];
    const hwpt = attached(vmm, first, here);
    vmm.attach(second, there, { refused: "EINVAL" });
    expect(attached(vmm, second, here)).toBe(hwpt);
  });

  test("move together: one replace takes both along", () => {
    const { vmm, iommufd, first, second } = twins();
    for (const device of [first, second]) vmm.bind(device, iommufd);
    const [here, there] = [vmm.allocIoas(iommufd), vmm.allocIoas(iommufd)];
    const old = Number(attached(vmm, first, here));
    attached(vmm, second, here);
    const moved = attached(vmm, first, there);
    // The old automatic page table went with its last user.
    vmm.destroy(iommufd, old, { refused: "ENOENT" });
    expect(attached(vmm, second, there)).toBe(moved);
    vmm.destroy(iommufd, here);
  });

  test("one may leave while the other stays", () => {
    const { vmm, iommufd, first, second } = twins();
    for (const device of [first, second]) vmm.bind(device, iommufd);
    const ioas = vmm.allocIoas(iommufd);
    const hwpt = Number(attached(vmm, first, ioas));
    attached(vmm, second, ioas);
    vmm.detach(first);
    vmm.destroy(iommufd, hwpt, { refused: "EBUSY" });
    vmm.detach(second);
    vmm.destroy(iommufd, hwpt, { refused: "ENOENT" });
  });

  test("keep the group's node closed while either is bound", () => {
    const { vmm, iommufd, second } = twins();
    vmm.bind(second, iommufd);
    vmm.open("/dev/vfio/7", { refused: "EBUSY" });
  });
});

describe("PASIDs of a device", () => {
  test.each([
    ["a struct without room for one", { argsz: 12, flags: 1 }, "EINVAL"],
    ["beyond VFIO's table", { argsz: 16, flags: 1, pasid: 0x8000_0000 }, "ENOSPC"],
    ["an IOAS as target", { argsz: 16, flags: 1, pasid: 5 }, "EINVAL"],
    ["unknown flags", { argsz: 16, flags: 2, pasid: 5 }, "EINVAL"],
  ] as const)("%s", (_, args, errno) => {
    const { vmm, iommufd, first } = twins();
    vmm.bind(first, iommufd);
    const pt_id = vmm.allocIoas(iommufd);
    vmm.ioctl(first, ATTACH, { pt_id, pasid: 0, ...args }, { refused: errno });
  });

  test("detaching one that is not attached is no error", () => {
    const { vmm, iommufd, first } = twins();
    vmm.bind(first, iommufd);
    vmm.ioctl(first, DETACH, { argsz: 12, flags: 1, pasid: 5 });
    vmm.ioctl(first, DETACH, { argsz: 8, flags: 1, pasid: 5 }, { refused: "EINVAL" });
  });
});

describe("VFIO_DEVICE_FEATURE of a plain vfio-pci device", () => {
  test.each([
    ["a short struct", 7, SET | 3, "EINVAL"],
    ["unknown flags", 8, (1 << 19) | 3, "EINVAL"],
    ["GET and SET together", 8, GET | SET | 3, "EINVAL"],
    ["neither GET nor SET", 8, 3, "EINVAL"],
    ["GET of what can only be set", 8, GET | 3, "EINVAL"],
    ["no room for the payload", 8, SET | 4, "EINVAL"],
    ["migration", 16, GET | 1, "ENOTTY"],
    ["the migration state", 16, SET | 2, "ENOTTY"],
    ["dirty logging, before its own checks", 8, SET | 6, "ENOTTY"],
    ["a number nobody gave", 8, PROBE | 77, "ENOTTY"],
  ] as const)("%s", (_, argsz, flags, errno) => {
    const { vmm, iommufd, first } = twins();
    vmm.bind(first, iommufd);
    vmm.ioctl(first, FEATURE, { argsz, flags }, { refused: errno });
  });

  test("PROBE asks without doing", () => {
    const { vmm, iommufd, first } = twins();
    vmm.bind(first, iommufd);
    vmm.ioctl(first, FEATURE, { argsz: 8, flags: PROBE | SET | 3 });
    vmm.ioctl(first, FEATURE, { argsz: 8, flags: PROBE | GET | 3 }, { refused: "EINVAL" });
  });
});
