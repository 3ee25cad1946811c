import { describe, expect, test } from "vitest";
import { Kernel, PID } from "./kernel.js";

describe("a process", () => {
  test("starts with three descriptors, so that its first open gives number 3", () => {
    const kernel = new Kernel();
    expect(kernel.memfd()).toBe(3);
  });

  test("is started once, whichever of the two lines comes first", () => {
    const kernel = new Kernel();
    const fd = kernel.memfd();
    kernel.apply({ type: "child", pid: 200, ppid: PID });
    kernel.fork(200);
    kernel.apply({ type: "child", pid: 200, ppid: PID });
    expect(kernel.machine.process(PID).fds.get(fd)?.references).toBe(2);
  });

  test("ends when its number is used again", () => {
    const kernel = new Kernel();
    kernel.fork(200);
    kernel.fork(300, 200);
    const fd = kernel.memfd();
    kernel.fork(300);
    expect(kernel.happened("process_exited")).toMatchObject([{ process: { pid: 300 } }]);
    expect(kernel.machine.process(300).fds.get(fd)).toBe(kernel.machine.process(PID).fds.get(fd));
  });

  test("loses at exec what is marked so, and nothing else", () => {
    const kernel = new Kernel();
    const kept = kernel.memfd();
    const gone = kernel.memfd(1);
    kernel.apply({ type: "process_start", pid: PID });
    const { fds } = kernel.machine.process(PID);
    expect(fds.get(kept)).toBeDefined();
    expect(fds.get(gone)).toBeUndefined();
    expect(fds.lowestFree()).toBe(gone);
  });

  test("may be told any number for a descriptor; a negative one is none", () => {
    const kernel = new Kernel();
    const event = { type: "memfd_create", pid: PID, name: "ram", flags: 0, ret: -7 } as const;
    kernel.apply(event);
    expect(kernel.machine.process(PID).fds.get(3)).toBeDefined();
  });
});

describe("descriptors passed over a socket", () => {
  test("are the same open file, and open while they are on their way", () => {
    const kernel = new Kernel();
    kernel.apply({ type: "new_fds", pid: PID, what: "socketpair", fds: [10, 11], ret: 0 });
    kernel.fork(200);
    const fd = kernel.memfd();
    const file = kernel.machine.process(PID).fds.get(fd);
    kernel.apply({ type: "send_fds", pid: PID, socket: 10, fds: [fd], ret: 1 });
    kernel.close(fd);
    expect(kernel.happened("file_released")).toHaveLength(0);
    kernel.apply({ type: "send_fds", pid: PID, socket: 10, fds: [], ret: 1 });
    kernel.apply({ type: "receive_fds", pid: 200, socket: 11, fds: [20], ret: 1 });
    expect(kernel.machine.process(200).fds.get(20)).toBe(file);
    expect(file?.references).toBe(1);
  });

  test("are closed when nobody is left to receive them", () => {
    const kernel = new Kernel();
    kernel.apply({ type: "new_fds", pid: PID, what: "socketpair", fds: [10, 11], ret: 0 });
    const fd = kernel.memfd();
    kernel.apply({ type: "send_fds", pid: PID, socket: 10, fds: [fd], ret: 1 });
    kernel.close(fd);
    kernel.close(11);
    expect(kernel.happened("file_released")).toMatchObject([{}, {}]);
  });

  test("may hold sockets that hold sockets, however deep", () => {
    const kernel = new Kernel();
    const depth = 6_000;
    kernel.apply({ type: "new_fds", pid: PID, what: "socketpair", fds: [10, 11], ret: 0 });
    for (let count = 0; count < depth; count++) {
      kernel.apply({ type: "new_fds", pid: PID, what: "socketpair", fds: [20, 21], ret: 0 });
      // The pair is put into the new one, which takes its place.
      kernel.apply({ type: "send_fds", pid: PID, socket: 20, fds: [10, 11], ret: 1 });
      kernel.apply({ type: "dup", pid: PID, how: "dup2", fd: 20, target: 10, ret: 10 });
      kernel.apply({ type: "dup", pid: PID, how: "dup2", fd: 21, target: 11, ret: 11 });
      kernel.close(20);
      kernel.close(21);
    }
    kernel.close(10);
    expect(kernel.happened("file_released")).toHaveLength(1);
    kernel.close(11);
    expect(kernel.happened("file_released")).toHaveLength(2 * depth + 1);
  });
});
