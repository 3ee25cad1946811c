import { describe, expect, test } from "vitest";
import { LuoKernel, PAGE, PID, withPreservedMemfd, withRetrievedSession } from "./luo-kernel.js";

describe("/dev/liveupdate", () => {
  test("has one opener in the whole system; a dup is no second one", () => {
    const kernel = new LuoKernel();
    const device = kernel.device();
    kernel.apply({ type: "dup", pid: PID, how: "dup", fd: device });
    expect(kernel.open("/dev/liveupdate")).toBe("EBUSY");
    kernel.close(device);
    expect(kernel.open("/dev/liveupdate")).toBe("EBUSY");
    kernel.close(device + 1);
    expect(kernel.open("/dev/liveupdate")).toBe(device);
  });

  test("is absent in a kernel without live update", () => {
    const kernel = new LuoKernel();
    kernel.boot("start", { liveupdate: false });
    expect(kernel.open("/dev/liveupdate")).toBe("ENOENT");
  });

  test("knows its own commands only", () => {
    const kernel = new LuoKernel();
    const device = kernel.device();
    const unknown = (request: number, size: number | undefined = 72) =>
      kernel.apply({
        type: "ioctl",
        pid: PID,
        fd: device,
        op: "UNKNOWN_REQUEST",
        request,
        in: size === undefined ? null : { size },
      }).outcome.errno;
    expect(unknown(0xba02)).toBe("EINVAL");
    expect(unknown(0xba40)).toBe("EINVAL");
    expect(unknown(0xc048ba00)).toBe("ENOTTY");
    const event = { type: "ioctl", pid: PID, fd: device, in: null } as const;
    expect(kernel.call({ ...event, op: "LIVEUPDATE_IOCTL_CREATE_SESSION" })).toBe("EFAULT");
  });
});

describe("CREATE_SESSION", () => {
  test("checks the descriptor first, then the name, then that it is new", () => {
    const kernel = new LuoKernel();
    const device = kernel.device();
    expect(kernel.create(device, "")).toBe("EINVAL");
    expect(kernel.create(device, "n".repeat(64))).toBe("EINVAL");
    expect(kernel.create(device, "n".repeat(63))).toBe(4);
    expect(kernel.create(device, "n".repeat(63))).toBe("EEXIST");
    const limit = { type: "setrlimit", pid: PID, resource: "RLIMIT_NOFILE", max: 64n } as const;
    kernel.call({ ...limit, cur: 2n });
    expect(kernel.create(device, "")).toBe("EMFILE");
  });

  test("takes the session back when it cannot tell the descriptor", () => {
    const kernel = new LuoKernel();
    const device = kernel.device();
    kernel.arg = kernel.readOnlyPage();
    expect(kernel.create(device, "vm")).toBe("EFAULT");
    kernel.arg = undefined;
    expect(kernel.create(device, "vm")).toBe(4);
  });

  test("looks at the size: too small EINVAL, bytes behind the struct E2BIG", () => {
    const kernel = new LuoKernel();
    const device = kernel.device();
    const op = "LIVEUPDATE_IOCTL_CREATE_SESSION";
    const name = "vm".padEnd(64, "\0");
    expect(kernel.ioctl(device, op, { size: 71, fd: 0, name }).errno).toBe("EINVAL");
    const sized = (tail: Uint8Array) =>
      kernel.ioctl(device, op, { size: 80, fd: 0, name }, { tail }).errno;
    expect(sized(new Uint8Array(8).fill(1))).toBe("E2BIG");
    expect(sized(new Uint8Array(8))).toBeUndefined();
  });
});

describe("a session before the kexec", () => {
  test("can only take files in", () => {
    const { kernel, session } = withPreservedMemfd();
    expect(kernel.retrieve(session, 7n)).toBe("EINVAL");
    expect(kernel.finish(session)).toBe("EINVAL");
  });

  test("tells its name in words of eight bytes", () => {
    const { kernel, session } = withPreservedMemfd();
    const name = "x".repeat(64);
    const op = "LIVEUPDATE_SESSION_GET_NAME";
    const { out } = kernel.ioctl(session, op, { size: 72, reserved: 0, name });
    expect(out["name"]).toBe(`vm${"\0".repeat(6)}${"x".repeat(56)}`);
  });

  test("unpreserves its files with its last descriptor, the last preserved first", () => {
    const { kernel, session } = withPreservedMemfd();
    kernel.preserve(session, kernel.memfd(), 8n);
    kernel.apply({ type: "dup", pid: PID, how: "dup", fd: session });
    kernel.close(session);
    expect(kernel.happened("session_closed")).toHaveLength(0);
    kernel.apply({ type: "exit", pid: PID, code: 0 });
    expect(kernel.happened("file_unpreserved")).toMatchObject([
      { luo_file: { token: 8n } },
      { luo_file: { token: 7n } },
    ]);
    expect(kernel.happened("session_closed")).toHaveLength(1);
  });

  test("survives its creator when another process has a descriptor", () => {
    const { kernel } = withPreservedMemfd();
    kernel.fork(200);
    kernel.apply({ type: "exit", pid: PID, code: 0 });
    expect(kernel.happened("file_unpreserved")).toHaveLength(0);
    kernel.kexec();
    expect(kernel.retrieveSession(kernel.device(), "vm")).toBeTypeOf("number");
  });
});

describe("PRESERVE_FD", () => {
  test("asks in the kernel's order: token, descriptor, handler, other sessions", () => {
    const { kernel, device, session, memfd } = withPreservedMemfd();
    const other = Number(kernel.create(device, "other"));
    expect(kernel.preserve(session, 999, 7n)).toBe("EEXIST");
    expect(kernel.preserve(session, 999, 8n)).toBe("EBADF");
    expect(kernel.preserve(session, device, 8n)).toBe("ENOENT");
    expect(kernel.preserve(other, memfd, 7n)).toBe("EBUSY");
    const reopened = Number(kernel.open(`/proc/self/fd/${memfd}`));
    expect(kernel.preserve(other, reopened, 7n)).toBe("EBUSY");
    const path = Number(kernel.open(`/proc/self/fd/${memfd}`, 0o10000000));
    expect(kernel.preserve(other, path, 7n)).toBe("EBADF");
    expect(kernel.preserve(other, kernel.memfd(), (1n << 64n) - 1n)).toBe(0);
  });

  test("stays done when the answer cannot be written", () => {
    const { kernel, session } = withPreservedMemfd();
    const memfd = kernel.sizedMemfd(PAGE);
    kernel.arg = kernel.readOnlyPage();
    expect(kernel.preserve(session, memfd, 8n)).toBe("EFAULT");
    expect(kernel.happened("file_preserved")).toHaveLength(1);
    kernel.arg = undefined;
    expect(kernel.preserve(session, memfd, 9n)).toBe("EBUSY");
  });
});

describe("a session that arrived", () => {
  test("is handed out once in a kernel", () => {
    const { kernel, device, session } = withRetrievedSession();
    expect(kernel.retrieveSession(device, "vm")).toBe("EINVAL");
    kernel.close(session);
    expect(kernel.retrieveSession(device, "vm")).toBe("ENOENT");
  });

  test("leaves its name to a new one", () => {
    const { kernel, device } = withRetrievedSession();
    expect(kernel.create(device, "vm")).toBeTypeOf("number");
  });

  test("gives the same file however often it is asked", () => {
    const { kernel, session } = withRetrievedSession();
    const one = Number(kernel.retrieve(session, 7n));
    const two = Number(kernel.retrieve(session, 7n));
    const { fds } = kernel.machine.process(PID);
    expect(two).not.toBe(one);
    expect(fds.get(two)).toBe(fds.get(one));
    expect(fds.entry(two)?.cloexec).toBe(true);
    expect(kernel.retrieve(session, 8n)).toBe("ENOENT");
    expect(kernel.preserve(session, kernel.memfd(), 9n)).toBe("EINVAL");
  });

  test("keeps a retrieved file busy until it is finished", () => {
    const { kernel, device, session } = withRetrievedSession();
    const memfd = Number(kernel.retrieve(session, 7n));
    const next = Number(kernel.create(device, "next"));
    expect(kernel.preserve(next, memfd, 1n)).toBe("EBUSY");
    expect(kernel.finish(session, 1)).toBe("EINVAL");
    expect(kernel.finish(session)).toBe(0);
    expect(kernel.preserve(next, memfd, 1n)).toBe(0);
    expect(kernel.retrieve(session, 7n)).toBe("ENOENT");
    expect(kernel.finish(session)).toBe(0);
    expect(kernel.happened("session_finished")).toHaveLength(0);
  });

  test("discards on FINISH what nobody asked for", () => {
    const { kernel, session } = withRetrievedSession();
    kernel.finish(session);
    expect(kernel.happened("session_finished")).toMatchObject([
      { how: "explicit", discarded: [{ token: 7n }] },
    ]);
    expect(kernel.happened("memfd_pages_freed")).toMatchObject([{ cause: "discarded" }]);
  });

  test("is finished by the last close, and by a crash of its holder", () => {
    const { kernel, session } = withRetrievedSession();
    kernel.retrieve(session, 7n);
    kernel.apply({ type: "exit", pid: PID, signal: 9 });
    expect(kernel.happened("session_finished")).toMatchObject([{ how: "implicit", discarded: [] }]);
  });

  test("is finished when its descriptor cannot be told", () => {
    const { kernel } = withPreservedMemfd();
    kernel.kexec();
    const device = kernel.device();
    kernel.arg = kernel.readOnlyPage();
    expect(kernel.retrieveSession(device, "vm")).toBe("EFAULT");
    expect(kernel.happened("session_finished")).toMatchObject([{ how: "implicit" }]);
    kernel.arg = undefined;
    expect(kernel.retrieveSession(device, "vm")).toBe("ENOENT");
  });

  test("counts a file as retrieved, and itself as finished, though the answer is lost", () => {
    const { kernel, session } = withRetrievedSession();
    kernel.arg = kernel.readOnlyPage();
    expect(kernel.retrieve(session, 7n)).toBe("EFAULT");
    expect(kernel.happened("file_retrieved")).toMatchObject([{ fd: undefined }]);
    expect(kernel.finish(session)).toBe("EFAULT");
    kernel.arg = undefined;
    expect(kernel.retrieve(session, 7n)).toBe("ENOENT");
  });
});
