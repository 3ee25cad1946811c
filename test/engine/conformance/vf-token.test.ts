/** VF tokens: the secret between the drivers of an SR-IOV device's functions. */

import { describe, expect, test } from "vitest";
import type { DeviceFacts } from "../../../src/engine/event/index.js";
import { BUFFER, TestKernel } from "../iommufd/ioas-kernel.js";

const PF = "0000:01:00.0";
const VF = "0000:01:10.0";
const PF_NODE = "/dev/vfio/devices/vfio0";
const VF_NODE = "/dev/vfio/devices/vfio1";
const FIRST = Uint8Array.from({ length: 16 }, (_, index) => index);
const FIRST_TEXT = "00010203-0405-0607-0809-0a0b0c0d0e0f";
const SECOND = FIRST.map((byte) => byte + 0x50);

const IGB: readonly DeviceFacts[] = [
  { bdf: PF, group: 1, driver: "vfio-pci", cdev: PF_NODE, vendor: "0x8086", device: "0x10c9" },
  { bdf: VF, group: 2, driver: "vfio-pci", cdev: VF_NODE, vendor: "0x8086", device: "0x10ca" },
];

const FEATURE_SET = 1 << 17;
const FEATURE_PROBE = 1 << 18;

class SriovHost {
  readonly kernel = new TestKernel();
  readonly iommufd = this.kernel.open().fd;

  constructor(devices?: readonly DeviceFacts[]) {
    if (devices !== undefined) this.kernel.apply({ type: "machine", facts: { devices } });
  }

  open(path: string): number {
    return Number(this.kernel.apply({ type: "open", pid: 100, path, flags: 2 }).ret);
  }

  close(fd: number): void {
    this.kernel.apply({ type: "close", pid: 100, fd });
  }

  ioctl(fd: number, op: string, parts: object): string | number | bigint {
    const outcome = this.kernel.apply({ type: "ioctl", pid: 100, fd, op, ...parts });
    return outcome.errno ?? outcome.ret;
  }

  bind(fd: number, token?: Uint8Array, iommufd = this.iommufd): string | number | bigint {
    const op = "VFIO_DEVICE_BIND_IOMMUFD";
    const fields = { argsz: 24, flags: 0, iommufd, out_devid: 0, token_uuid_ptr: 0n };
    if (token === undefined) return this.ioctl(fd, op, { in: fields });
    const mem = { field: "token_uuid_ptr", addr: BUFFER, length_bytes: 16n, in: token, out: token };
    return this.ioctl(fd, op, { in: { ...fields, flags: 1, token_uuid_ptr: BUFFER }, mem });
  }

  /** Opens a node and binds it; gives the descriptor where that works, else the errno. */
  tryBind(path: string, token?: Uint8Array): number | string | bigint {
    const fd = this.open(path);
    const answer = this.bind(fd, token);
    return answer === 0 ? fd : answer;
  }

  setToken(fd: number, token: Uint8Array, flags = FEATURE_SET): string | number | bigint {
    const fields = { argsz: 8 + token.length, flags };
    return this.ioctl(fd, "VFIO_DEVICE_FEATURE", { in: fields, tail: token });
  }
}

function igb() {
  const host = new SriovHost(IGB);
  return { host, pf: Number(host.tryBind(PF_NODE, FIRST)) };
}

describe("a virtual function whose PF is bound to vfio-pci", () => {
  test.each([
    ["no token", undefined, "EACCES"],
    ["another token", SECOND, "EACCES"],
  ])("%s: %s", (_, token, errno) => {
    expect(igb().host.tryBind(VF_NODE, token)).toBe(errno);
  });

  test("opens with the PF's token, also when the PF is closed again", () => {
    const { host, pf } = igb();
    host.close(pf);
    expect(host.tryBind(VF_NODE, FIRST)).toBeTypeOf("number");
  });

  test("nobody knows the random token a PF has from its probe", () => {
    expect(new SriovHost(IGB).tryBind(VF_NODE, FIRST)).toBe("EACCES");
  });

  test("a refusal takes no id", () => {
    const { host } = igb();
    const fields = { argsz: 24, iommufd: host.iommufd };
    host.tryBind(VF_NODE, SECOND);
    const fd = host.open(VF_NODE);
    const mem = { field: "token_uuid_ptr", addr: BUFFER, length_bytes: 16n, in: FIRST, out: FIRST };
    const outcome = host.kernel.apply({
      ...{ type: "ioctl", pid: 100, fd, op: "VFIO_DEVICE_BIND_IOMMUFD" },
      in: { ...fields, flags: 1, out_devid: 0, token_uuid_ptr: BUFFER },
      mem,
    });
    expect(outcome.out["out_devid"]).toBe(2);
  });
});

describe("a virtual function whose PF has another driver", () => {
  const devices = IGB.map((device) => (device.bdf === PF ? { ...device, driver: "igb" } : device));
  const others = devices.map(({ cdev, ...rest }) => (rest.bdf === PF ? rest : { ...rest, cdev }));

  test("needs no token and takes none", () => {
    expect(new SriovHost(others as DeviceFacts[]).tryBind(VF_NODE, FIRST)).toBe("EINVAL");
    expect(new SriovHost(others as DeviceFacts[]).tryBind(VF_NODE)).toBeTypeOf("number");
  });
});

describe("a physical function", () => {
  test("without open VFs takes any token, or none and keeps the one it has", () => {
    const { host, pf } = igb();
    host.close(pf);
    host.close(Number(host.tryBind(PF_NODE)));
    const vf = host.tryBind(VF_NODE, FIRST);
    expect(vf).toBeTypeOf("number");
    host.close(Number(vf));
    host.close(Number(host.tryBind(PF_NODE, SECOND)));
    expect(host.tryBind(VF_NODE, FIRST)).toBe("EACCES");
    expect(host.tryBind(VF_NODE, SECOND)).toBeTypeOf("number");
  });

  test("with an open VF wants its token", () => {
    const { host, pf } = igb();
    const vf = Number(host.tryBind(VF_NODE, FIRST));
    host.close(pf);
    expect(host.tryBind(PF_NODE)).toBe("EACCES");
    expect(host.tryBind(PF_NODE, SECOND)).toBe("EACCES");
    expect(host.tryBind(PF_NODE, FIRST)).toBeTypeOf("number");
    host.close(vf);
  });

  test("keeps a token although the bind failed later", () => {
    const host = new SriovHost(IGB);
    expect(host.bind(host.open(PF_NODE), FIRST, 99)).toBe("EBADF");
    expect(host.tryBind(VF_NODE, FIRST)).toBeTypeOf("number");
  });

  test("gets a new token by FEATURE, whatever is open", () => {
    const { host, pf } = igb();
    host.tryBind(VF_NODE, FIRST);
    expect(host.setToken(pf, SECOND.subarray(0, 8))).toBe("EINVAL");
    expect(host.setToken(pf, SECOND, FEATURE_SET | FEATURE_PROBE)).toBe(0);
    expect(host.setToken(pf, SECOND)).toBe(0);
    host.close(pf);
    expect(host.tryBind(PF_NODE, FIRST)).toBe("EACCES");
    expect(host.tryBind(PF_NODE, SECOND)).toBeTypeOf("number");
  });
});

describe("a device without SR-IOV", () => {
  const EDU = [{ bdf: PF, group: 1, driver: "vfio-pci", cdev: PF_NODE }];

  test("takes no token and has no such feature", () => {
    const host = new SriovHost(EDU);
    expect(host.tryBind(PF_NODE, FIRST)).toBe("EINVAL");
    expect(host.setToken(Number(host.tryBind(PF_NODE)), FIRST)).toBe("ENOTTY");
  });
});

describe("a trace that lists no devices", () => {
  test("shows a PF by its SR-IOV files; what is opened beside it is its VF", () => {
    const host = new SriovHost();
    host.open(`/sys/bus/pci/devices/${PF}/sriov_totalvfs`);
    expect(host.tryBind(PF_NODE, FIRST)).toBeTypeOf("number");
    expect(host.tryBind(VF_NODE)).toBe("EACCES");
    expect(host.tryBind(VF_NODE, FIRST)).toBeTypeOf("number");
  });
});

describe("the name given to a group", () => {
  function openDevice(host: SriovHost, number: number, name: string): string | number | bigint {
    const group = host.open(`/dev/vfio/${number}`);
    const container = { in: { container: host.iommufd } };
    host.ioctl(group, "VFIO_GROUP_SET_CONTAINER", container);
    return host.ioctl(group, "VFIO_GROUP_GET_DEVICE_FD", { in: { name: `${name}\0stack` } });
  }

  test.each([
    ["a VF without token", `${VF}`, "EACCES"],
    ["a VF with a wrong token", `${VF} vf_token=${FIRST_TEXT.replace("0f", "ff")}`, "EACCES"],
    ["no UUID", `${VF} vf_token=1234`, "EINVAL"],
    ["another option", `${VF} token=${FIRST_TEXT}`, "EINVAL"],
  ])("%s", (_, name, errno) => {
    expect(openDevice(igb().host, 2, name)).toBe(errno);
  });

  test("a VF with the PF's token", () => {
    expect(openDevice(igb().host, 2, `${VF} vf_token=${FIRST_TEXT}`)).toBeTypeOf("number");
  });
});
