import { describe, expect, test } from "vitest";
import type { Event } from "../../src/engine/event/index.js";
import { eventLine } from "../../src/report/event-line.js";

const map: Event = {
  type: "ioctl",
  seq: 5,
  pid: 7,
  fd: 3,
  op: "IOMMU_IOAS_MAP",
  in: {
    size: 40,
    flags: 6,
    ioas_id: 1,
    __reserved: 0,
    user_va: 0x7f00n,
    length: 0x1000n,
    iova: 0n,
  },
  ret: 0,
  out: { iova: 0x2000n },
};

describe("one event as one line", () => {
  test("an ioctl shows its fields and what the kernel changed, not the size word", () => {
    expect(eventLine(map)).toBe(
      "pid 7: IOMMU_IOAS_MAP(fd 3, flags 6, ioas_id 1, user_va 0x7f00, length 0x1000, iova 0x0)" +
        " = 0 (iova 0x2000)",
    );
  });

  test("a reserved field that is wrong is shown", () => {
    expect(eventLine({ ...map, in: { __reserved: 1 } })).toContain("__reserved 1");
  });

  test("a failure shows its errno", () => {
    expect(eventLine({ ...map, out: undefined, ret: -1, errno: "EEXIST" })).toMatch(
      / = -1 EEXIST$/,
    );
  });

  test("a call that never came back says so", () => {
    const reboot: Event = { type: "reboot", seq: 1, pid: 1, cmd: "kexec", never_returned: true };
    expect(eventLine(reboot)).toBe('pid 1: reboot(cmd "kexec") never returned');
  });

  test("names of the trace are printable and cut", () => {
    const memfd: Event = {
      type: "memfd_create",
      seq: 1,
      pid: 7,
      name: `ram\u001b[31m${"x".repeat(200)}`,
      flags: 2,
      ret: 4,
    };
    const line = eventLine(memfd);
    expect(line).not.toContain("\u001b");
    expect(line.length).toBeLessThan(130);
  });

  test("bytes and lists are cut", () => {
    const write: Event = {
      type: "write",
      seq: 1,
      pid: 7,
      fd: 4,
      count: 100n,
      data: new Uint8Array(100),
      ret: 100,
    };
    expect(eventLine(write)).toContain("… (100 bytes)");
    const send: Event = {
      type: "send_fds",
      seq: 1,
      pid: 7,
      socket: 3,
      fds: [1, 2, 3, 4, 5, 6, 7, 8],
    };
    expect(eventLine(send)).toContain("[1, 2, 3, 4, 5, 6, … 8 in all]");
  });
});
