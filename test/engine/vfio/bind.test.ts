import { describe, expect, test } from "vitest";
import { EDU, NVME, NVME_ADDRESS, NVME_GROUP, startVmm } from "./devices.js";

describe("a device before BIND", () => {
  test("answers nothing but BIND", () => {
    const { vmm } = startVmm();
    const device = vmm.open(EDU);
    vmm.ioctl(device, "VFIO_DEVICE_GET_INFO", { argsz: 24 }, { refused: "EINVAL" });
    vmm.attach(device, 1, { refused: "EINVAL" });
    vmm.ioctl(device, "VFIO_DEVICE_RESET", {}, { refused: "EINVAL" });
  });

  test("is not there where the trace lists the devices and it is not among them", () => {
    const { vmm } = startVmm();
    vmm.open("/dev/vfio/devices/vfio7", { refused: "ENOENT" });
  });

  test("is assumed where the trace lists no devices", () => {
    const { vmm, iommufd } = startVmm({});
    expect(vmm.bind(vmm.open("/dev/vfio/devices/vfio7"), iommufd)).toBe(1);
  });
});

describe("BIND", () => {
  test("takes the lowest free id, once", () => {
    const { vmm, iommufd } = startVmm();
    vmm.allocIoas(iommufd);
    const device = vmm.open(EDU);
    expect(vmm.bind(device, iommufd)).toBe(2);
    vmm.bind(device, iommufd, { refused: "EINVAL" });
    vmm.bind(vmm.open(EDU), iommufd, { refused: "EINVAL" });
  });

  test("wants an iommufd", () => {
    const { vmm } = startVmm();
    const device = vmm.open(EDU);
    vmm.bind(device, -1, { refused: "EINVAL" });
    vmm.bind(device, 40, { refused: "EBADF" });
    vmm.bind(device, device, { refused: "EBADFD" });
  });

  test("takes no token: neither device is an SR-IOV function", () => {
    const { vmm, iommufd } = startVmm();
    const device = vmm.open(EDU);
    const token = { flags: 1, iommufd, token_uuid_ptr: 0x7fff_0000n };
    vmm.ioctl(device, "VFIO_DEVICE_BIND_IOMMUFD", token, { refused: "EINVAL" });
    const unreadable = { ...token, token_uuid_ptr: 0n };
    vmm.ioctl(device, "VFIO_DEVICE_BIND_IOMMUFD", unreadable, { refused: "EFAULT" });
  });

  test("and an open group exclude each other", () => {
    const { vmm, iommufd } = startVmm();
    const device = vmm.open(NVME);
    const group = vmm.open(NVME_GROUP);
    vmm.bind(device, iommufd, { refused: "EBUSY" });
    vmm.close(group);
    vmm.bind(device, iommufd);
    vmm.open(NVME_GROUP, { refused: "EBUSY" });
    vmm.close(device);
    vmm.open(NVME_GROUP);
  });

  test("keeps the context alive when the iommufd is closed", () => {
    const { scenario, vmm, iommufd } = startVmm();
    const device = vmm.open(EDU);
    vmm.bind(device, iommufd);
    const kinds: string[] = [];
    for (const fd of [iommufd, device]) {
      const step = scenario.call({ type: "close", pid: vmm.pid, fd });
      kinds.push(step.transitions.map(({ kind }) => kind).join(" "));
    }
    expect(kinds[0]).not.toContain("context_destroyed");
    expect(kinds[1]).toContain("device_unbound");
    expect(kinds[1]).toContain("context_destroyed");
  });
});

describe("a group with an iommufd as container", () => {
  test("binds and attaches a device, and takes ids without reporting them", () => {
    const { vmm, iommufd } = startVmm();
    const group = vmm.open(NVME_GROUP);
    const name = NVME_ADDRESS.padEnd(64, "\0");
    vmm.ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", { name }, { refused: "EINVAL" });
    vmm.ioctl(group, "VFIO_GROUP_SET_CONTAINER", { container: iommufd });
    vmm.ioctl(group, "VFIO_GROUP_SET_CONTAINER", { container: iommufd }, { refused: "EINVAL" });
    vmm.ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", { name });
    // 1 is the compat IOAS, 2 the device, 3 its page table.
    expect(vmm.allocIoas(iommufd)).toBe(4);
    vmm.destroy(iommufd, 3, { refused: "EBUSY" });
  });

  test("knows only its own devices", () => {
    const { vmm, iommufd } = startVmm();
    const group = vmm.open(NVME_GROUP);
    vmm.ioctl(group, "VFIO_GROUP_SET_CONTAINER", { container: iommufd });
    const name = "0000:00:02.0".padEnd(64, "\0");
    vmm.ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", { name }, { refused: "ENODEV" });
  });

  test("has one opener, and no container that is no iommufd", () => {
    const { vmm } = startVmm();
    const group = vmm.open(NVME_GROUP);
    vmm.open(NVME_GROUP, { refused: "EBUSY" });
    vmm.ioctl(group, "VFIO_GROUP_SET_CONTAINER", { container: group }, { refused: "EBADFD" });
    vmm.ioctl(group, "VFIO_GROUP_UNSET_CONTAINER", {}, { refused: "EINVAL" });
  });
});
