import { describe, expect, test } from "vitest";
import { defineHandler } from "../../../src/engine/liveupdate/handler.js";
import { LuoFile } from "../../../src/engine/liveupdate/luo-file.js";
import {
  MFD_NOEXEC_SEAL,
  PAGE,
  PID,
  withPreservedMemfd,
  withRetrievedSession,
} from "./luo-kernel.js";

describe("a memfd while it is preserved", () => {
  test("has the size it has, and no page comes or goes", () => {
    const { kernel, memfd } = withPreservedMemfd();
    expect(kernel.ftruncate(memfd, PAGE)).toBe("EPERM");
    expect(kernel.ftruncate(memfd, 4n * PAGE)).toBe(0);
    expect(kernel.punch(memfd, 0n, PAGE)).toBe("EPERM");
    expect(kernel.fallocate(memfd, 0, 0n, PAGE)).toBe("EPERM");
    expect(kernel.pwrite(memfd, 4n * PAGE - 1n, "xy")).toBe("EPERM");
    expect(kernel.pwrite(memfd, 4n * PAGE - 2n, "xy")).toBe(2);
    expect(kernel.addSeals(memfd, 8)).toBe("EBUSY");
    expect(kernel.addSeals(memfd, 0x20)).toBe("EBUSY");
    expect(kernel.addSeals(memfd, 6)).toBe(0);
  });

  test("has all its pages", () => {
    const { kernel, memfd } = withPreservedMemfd();
    expect(kernel.object(memfd).pages.present.count).toBe(4n);
    expect(kernel.lseek(memfd, 0, 4)).toBe(4 * 4096);
  });

  test("can take F_SEAL_WRITE when it is empty: there is no page to hold", () => {
    const { kernel, session } = withPreservedMemfd();
    const empty = kernel.memfd();
    kernel.preserve(session, empty, 8n);
    expect(kernel.addSeals(empty, 8)).toBe(0);
  });

  test("is free again as soon as its session is closed", () => {
    const { kernel, device, session, memfd } = withPreservedMemfd();
    kernel.close(session);
    expect(kernel.ftruncate(memfd, PAGE)).toBe(0);
    expect(kernel.preserve(Number(kernel.create(device, "again")), memfd, 7n)).toBe(0);
  });

  test("must be a file of tmpfs without a name, of fewer than 2^32 pages", () => {
    const { kernel, session } = withPreservedMemfd();
    expect(kernel.preserve(session, kernel.memfd(4), 8n)).toBe("ENOENT");
    const named = Number(kernel.open("/dev/shm/named", 0o102));
    expect(kernel.preserve(session, named, 8n)).toBe("ENOENT");
    kernel.call({ type: "unlink", pid: PID, path: "/dev/shm/named" });
    expect(kernel.preserve(session, named, 8n)).toBe(0);
    expect(kernel.preserve(session, kernel.sizedMemfd(1n << 45n), 9n)).toBe("EFBIG");
  });
});

describe("a memfd after the kexec", () => {
  test("holds what it held: same pages, size, position; no name, another mode", () => {
    const { kernel, memfd } = withPreservedMemfd(MFD_NOEXEC_SEAL);
    const { pages } = kernel.object(memfd);
    kernel.lseek(memfd, 42, 0);
    kernel.kexec();
    const session = Number(kernel.retrieveSession(kernel.device(), "vm"));
    const back = Number(kernel.retrieve(session, 7n));
    const object = kernel.object(back);
    expect(object.pages).toBe(pages);
    expect(object).toMatchObject({ size_bytes: 4n * PAGE, name: "", mode: 0o100777, links: 0 });
    expect(kernel.lseek(back, 0, 1)).toBe(42);
    expect(kernel.pread(back, 0n, 12)).toBe("guest memory");
  });

  test("that was made with MFD_NOEXEC_SEAL can never be written again", () => {
    const { kernel, session } = withRetrievedSession(MFD_NOEXEC_SEAL);
    const memfd = Number(kernel.retrieve(session, 7n));
    expect(kernel.seals(memfd)).toBe(0x3e);
    expect(kernel.pwrite(memfd, 0n, "x")).toBe("EPERM");
  });

  test("has the seals of PRESERVE_FD; later ones are lost", () => {
    const { kernel, memfd } = withPreservedMemfd();
    kernel.addSeals(memfd, 6);
    kernel.kexec();
    const session = Number(kernel.retrieveSession(kernel.device(), "vm"));
    expect(kernel.seals(Number(kernel.retrieve(session, 7n)))).toBe(0);
  });

  test("is not frozen, finished or not", () => {
    const { kernel, session } = withRetrievedSession();
    const memfd = Number(kernel.retrieve(session, 7n));
    expect(kernel.punch(memfd, 0n, PAGE)).toBe(0);
    expect(kernel.ftruncate(memfd, PAGE)).toBe(0);
  });

  test("comes without the pages that were allocated behind its end", () => {
    const { kernel, device, session, memfd } = withPreservedMemfd();
    kernel.close(session);
    kernel.fallocate(memfd, 1, 8n * PAGE, PAGE);
    expect(kernel.object(memfd).pages.present.count).toBe(5n);
    const again = Number(kernel.create(device, "vm"));
    kernel.preserve(again, memfd, 7n);
    kernel.kexec();
    const back = Number(kernel.retrieveSession(kernel.device(), "vm"));
    expect(kernel.object(Number(kernel.retrieve(back, 7n))).pages.present.count).toBe(4n);
  });
});

describe("the boundary", () => {
  test("ends all processes and closes nothing", () => {
    const { kernel } = withPreservedMemfd();
    kernel.reboot();
    kernel.boot("kexec");
    expect(kernel.happened("process_exited")).toMatchObject([{ cause: "kernel_gone" }]);
    expect(kernel.happened("file_unpreserved")).toHaveLength(0);
    expect(kernel.happened("kernel_booted")).toMatchObject([
      { how: "kexec", epoch: 2, arrived: [{ name: "vm", state: "in_wait" }], lost: [] },
    ]);
    expect(kernel.machine.processes.size).toBe(0);
  });

  test.each([
    ["a cold boot", "cold", {}],
    ["a crash kernel", "crash", {}],
    ["another ABI", "kexec", { luo_abi_matches: false }],
    ["a kernel without live update", "kexec", { liveupdate: false }],
    ["a kernel without KHO", "kexec", { kho: false }],
  ] as const)("hands nothing over to %s", (_name, kind, facts) => {
    const { kernel } = withPreservedMemfd();
    kernel.boot(kind, facts);
    expect(kernel.happened("kernel_booted")).toMatchObject([{ arrived: [], lost: [{}] }]);
    if (kernel.machine.liveUpdate.enabled) {
      expect(kernel.retrieveSession(kernel.device(), "vm")).toBe("ENOENT");
    } else expect(kernel.open("/dev/liveupdate")).toBe("ENOENT");
  });

  test("hands nothing over to an image that kexec_load loaded", () => {
    const { kernel } = withPreservedMemfd();
    kernel.apply({ type: "kexec_load", how: "kexec_load", ret: 0 });
    kernel.kexec();
    expect(kernel.retrieveSession(kernel.device(), "vm")).toBe("ENOENT");
  });

  test("is crossed once: what nobody retrieved does not cross again", () => {
    const { kernel } = withPreservedMemfd();
    kernel.kexec();
    kernel.kexec();
    expect(kernel.happened("kernel_booted")).toMatchObject([
      { arrived: [], lost: [{ name: "vm" }] },
    ]);
    expect(kernel.retrieveSession(kernel.device(), "vm")).toBe("ENOENT");
  });

  test("spoils all sessions when one file has no handler", () => {
    const { kernel } = withPreservedMemfd();
    kernel.kexec({ missing_handlers: ["memfd-v2"] });
    expect(kernel.open("/dev/liveupdate")).toBe("EIO");
    expect(kernel.open("/dev/liveupdate")).toBe("EIO");
  });

  test("was crossed also where the trace does not show the reboot", () => {
    const { kernel } = withPreservedMemfd();
    kernel.boot("kexec");
    expect(kernel.retrieveSession(kernel.device(), "vm")).toBeTypeOf("number");
  });
});

describe("reboot(KEXEC)", () => {
  /** A file that does not want to go. */
  const stubborn = defineHandler<{ frozen: number }>({
    compatible: "stubborn-v1",
    source: "this test",
    canPreserve: () => true,
    identity: (file) => file,
    checkPreserve: () => undefined,
    preserve: () => ({ frozen: 0 }),
    unpreserve() {},
    checkFreeze: () => ({ errno: "EINVAL", why: "it is busy" }),
    freeze(_machine, { record }) {
      record.frozen++;
    },
    unfreeze() {},
    checkRetrieve: () => ({ errno: "EOPNOTSUPP", why: "not yet" }),
    retrieve: () => {
      throw new Error("it cannot be retrieved");
    },
    checkFinish: () => ({ errno: "EBUSY", why: "it was not retrieved" }),
    finish() {},
  });

  function withStubbornFile() {
    const world = withPreservedMemfd();
    const { kernel, device } = world;
    const session = kernel.machine.liveUpdate.outgoing.get("vm");
    const source = kernel.machine.process(PID).fds.get(device);
    if (session === undefined || source === undefined) throw new Error("the session exists");
    const luoFile = new LuoFile(session, 9n, stubborn, { frozen: 0 }, source.get(), 1, PID);
    session.files.set(9n, luoFile);
    return { ...world, luoSession: session, luoFile };
  }

  test("fails as a whole when one file refuses, and leaves everything as it was", () => {
    const { kernel, session, luoSession, memfd } = withStubbornFile();
    expect(kernel.reboot()).toBe("EINVAL");
    expect(kernel.happened("serialize_failed")).toMatchObject([{ luo_file: { token: 9n } }]);
    expect(luoSession.state).toBe("out");
    expect([...luoSession.files.values()].map((file) => file.state)).toEqual([
      "preserved",
      "preserved",
    ]);
    expect(kernel.preserve(session, kernel.memfd(), 10n)).toBe(0);
    expect(kernel.ftruncate(memfd, PAGE)).toBe("EPERM");
  });

  test("went on where the trace shows that it did", () => {
    const { kernel } = withStubbornFile();
    const step = kernel.apply({ type: "reboot", cmd: "kexec", never_returned: true });
    expect(step.outcome.claims).toEqual({ never_returned: false });
    kernel.boot("kexec");
    expect(kernel.retrieveSession(kernel.device(), "vm")).toBeTypeOf("number");
  });

  test("leaves a file behind whose retrieve fails for ever, and a session that gets stuck", () => {
    const { kernel } = withStubbornFile();
    kernel.boot("kexec");
    const device = kernel.device();
    const session = Number(kernel.retrieveSession(device, "vm"));
    expect(kernel.retrieve(session, 9n)).toBe("EOPNOTSUPP");
    expect(kernel.happened("retrieve_failed")).toHaveLength(1);
    expect(kernel.retrieve(session, 9n)).toBe("EOPNOTSUPP");
    expect(kernel.happened("retrieve_failed")).toHaveLength(0);
    expect(kernel.finish(session)).toBe("EBUSY");
    kernel.close(session);
    expect(kernel.happened("session_stuck")).toMatchObject([{ refused_by: { token: 9n } }]);
    expect(kernel.retrieveSession(device, "vm")).toBe("EINVAL");
    kernel.kexec();
    expect(kernel.retrieveSession(kernel.device(), "vm")).toBe("ENOENT");
  });
});
