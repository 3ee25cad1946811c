import { describe, expect, test } from "vitest";
import { Kernel, MFD_HUGETLB, MFD_NOEXEC_SEAL, PAGE, PID } from "./kernel.js";

const SEEK_END = 2;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const KEEP_SIZE = 1;

describe("memfd_create", () => {
  test.each([
    ["no flags: sealed against sealing", 0, 0x01],
    ["MFD_ALLOW_SEALING", 2, 0x00],
    ["MFD_NOEXEC_SEAL", MFD_NOEXEC_SEAL, 0x20],
    ["MFD_NOEXEC_SEAL | MFD_ALLOW_SEALING", 10, 0x20],
  ])("%s", (_name, flags, seals) => {
    const kernel = new Kernel();
    expect(kernel.seals(kernel.memfd(flags))).toBe(seals);
  });

  test.each([
    ["unknown flags", 256, "EINVAL"],
    ["EXEC and NOEXEC_SEAL at once", 24, "EINVAL"],
    ["a huge page size without MFD_HUGETLB", 21 << 26, "EINVAL"],
    ["a huge page size nobody has", MFD_HUGETLB | (16 << 26), "ENODEV"],
  ])("%s", (_name, flags, errno) => {
    const kernel = new Kernel();
    const event = { type: "memfd_create", pid: PID, name: "ram", flags } as const;
    expect(kernel.call(event)).toBe(errno);
  });

  test("needs a free descriptor below the limit", () => {
    const kernel = new Kernel();
    const limit = (cur: bigint) =>
      kernel.call({ type: "setrlimit", pid: PID, resource: "RLIMIT_NOFILE", cur, max: 64n });
    limit(3n);
    const event = { type: "memfd_create", pid: PID, name: "ram", flags: 0 } as const;
    expect(kernel.call(event)).toBe("EMFILE");
    limit(4n);
    expect(kernel.call(event)).toBe(3);
  });
});

describe("seals", () => {
  test("decide over sizes, and only over changes", () => {
    const kernel = new Kernel();
    const fd = kernel.sizedMemfd(4n * PAGE);
    kernel.addSeals(fd, 2);
    expect(kernel.ftruncate(fd, PAGE)).toBe("EPERM");
    expect(kernel.ftruncate(fd, 8n * PAGE)).toBe(0);
    kernel.addSeals(fd, 4);
    expect(kernel.ftruncate(fd, 9n * PAGE)).toBe("EPERM");
    expect(kernel.ftruncate(fd, 8n * PAGE)).toBe(0);
    expect(kernel.fallocate(fd, 0, 8n * PAGE, 1n)).toBe("EPERM");
    expect(kernel.fallocate(fd, KEEP_SIZE, 8n * PAGE, 1n)).toBe("EPERM");
    expect(kernel.pwrite(fd, 8n * PAGE - 2n, "abc")).toBe("EPERM");
    expect(kernel.pwrite(fd, 8n * PAGE - 3n, "abc")).toBe(3);
  });

  test("against writing need that nobody can write through a mapping", () => {
    const kernel = new Kernel();
    const fd = kernel.sizedMemfd(PAGE);
    const address = kernel.mmap(fd, PAGE, { prot: 1 }) as bigint;
    expect(kernel.addSeals(fd, 8)).toBe("EBUSY");
    kernel.munmap(address, PAGE);
    kernel.mmap(fd, PAGE, { flags: 2 });
    expect(kernel.addSeals(fd, 8)).toBe(0);
    expect(kernel.pwrite(fd, 0n, "x")).toBe("EPERM");
    expect(kernel.punch(fd, 0n, PAGE)).toBe("EPERM");
    expect(kernel.mmap(fd, PAGE)).toBe("EPERM");
    expect(kernel.mmap(fd, PAGE, { flags: 2 })).toBeTypeOf("bigint");
    expect(kernel.mmap(fd, PAGE, { prot: 1 })).toBeTypeOf("bigint");
  });

  test("F_SEAL_EXEC pulls in the others on an executable file only", () => {
    const kernel = new Kernel();
    const plain = kernel.memfd();
    kernel.addSeals(plain, 0x20);
    expect(kernel.seals(plain)).toBe(0x3e);
    const noexec = kernel.memfd(MFD_NOEXEC_SEAL);
    kernel.addSeals(noexec, 0x20);
    expect(kernel.seals(noexec)).toBe(0x20);
  });

  test("F_SEAL_SEAL is the last one; unknown ones are EINVAL", () => {
    const kernel = new Kernel();
    const fd = kernel.memfd();
    expect(kernel.addSeals(fd, 0x40)).toBe("EINVAL");
    expect(kernel.addSeals(fd, 1)).toBe(0);
    expect(kernel.addSeals(fd, 2)).toBe("EPERM");
    expect(kernel.addSeals(fd, 0x40)).toBe("EINVAL");
  });
});

describe("pages", () => {
  test("SEEK_DATA and SEEK_HOLE see what was written, not what was only allocated", () => {
    const kernel = new Kernel();
    const fd = kernel.sizedMemfd(8n * PAGE);
    kernel.pwrite(fd, 2n * PAGE + 5n, "data");
    kernel.fallocate(fd, 0, 5n * PAGE, PAGE);
    expect(kernel.lseek(fd, 0, SEEK_DATA)).toBe(2 * 4096);
    expect(kernel.lseek(fd, 2 * 4096 + 9, SEEK_DATA)).toBe(2 * 4096 + 9);
    expect(kernel.lseek(fd, 2 * 4096, SEEK_HOLE)).toBe(3 * 4096);
    expect(kernel.lseek(fd, 3 * 4096, SEEK_DATA)).toBe("ENXIO");
    expect(kernel.lseek(fd, 3 * 4096, SEEK_HOLE)).toBe(3 * 4096);
    expect(kernel.lseek(fd, 8 * 4096, SEEK_HOLE)).toBe("ENXIO");
    expect(kernel.lseek(fd, 1, SEEK_END)).toBe(8 * 4096 + 1);
  });

  test("a hole punched into them reads as zeros and is freed page by page", () => {
    const kernel = new Kernel();
    const fd = kernel.sizedMemfd(2n * PAGE);
    kernel.pwrite(fd, 0n, "a".repeat(8192));
    expect(kernel.punch(fd, 10n, 2n * PAGE - 12n)).toBe(0);
    expect(kernel.happened("memfd_pages_freed")).toHaveLength(0);
    expect(kernel.pread(fd, 8n, 4)).toBe("aa\0\0");
    expect(kernel.pread(fd, 8189n, 3)).toBe("\0aa");
    kernel.punch(fd, 0n, PAGE + 1n);
    const [freed] = kernel.happened("memfd_pages_freed");
    expect(freed).toMatchObject({
      cause: "punched",
      freed: [{ first_page: 0n, last_page: 0n, freed_seq: kernel.seq }],
    });
  });

  test("answer when the page at an offset was freed", () => {
    const kernel = new Kernel();
    const fd = kernel.sizedMemfd(4n * PAGE);
    const { pages } = kernel.object(fd);
    kernel.pwrite(fd, PAGE, "x");
    const written = kernel.seq;
    expect(pages.freedSeq(PAGE)).toBeUndefined();
    kernel.punch(fd, 0n, 4n * PAGE);
    const punched = kernel.seq;
    expect(pages.freedSeq(PAGE)).toBe(punched);
    expect(pages.freedSeq(2n * PAGE)).toBeUndefined();
    expect(pages.freedSince(0n, 4n * PAGE, written)).toEqual([
      { first_page: 1n, last_page: 1n, freed_seq: punched },
    ]);
    expect(pages.freedSince(0n, 4n * PAGE, punched)).toEqual([]);
  });

  test("go when the file shrinks, and when nobody has it any more", () => {
    const kernel = new Kernel();
    const fd = kernel.sizedMemfd(4n * PAGE);
    kernel.fallocate(fd, 0, 0n, 4n * PAGE);
    kernel.ftruncate(fd, PAGE + 1n);
    expect(kernel.happened("memfd_pages_freed")).toMatchObject([
      { cause: "truncated", freed: [{ first_page: 2n, last_page: 3n }] },
    ]);
    const again = Number(kernel.open(`/proc/self/fd/${fd}`));
    kernel.close(fd);
    expect(kernel.happened("memfd_pages_freed")).toHaveLength(0);
    kernel.close(again);
    expect(kernel.happened("memfd_pages_freed")).toMatchObject([
      { cause: "released", freed: [{ first_page: 0n, last_page: 1n }] },
    ]);
  });
});

describe("contents", () => {
  test("are not known while a mapping can change them unseen", () => {
    const kernel = new Kernel();
    const fd = kernel.sizedMemfd(PAGE);
    kernel.pwrite(fd, 0n, "before");
    const address = kernel.mmap(fd, PAGE) as bigint;
    expect(kernel.pread(fd, 0n, 6)).toBeUndefined();
    kernel.munmap(address, PAGE);
    expect(kernel.pread(fd, 0n, 6)).toBeUndefined();
    kernel.pwrite(fd, 0n, "after!");
    expect(kernel.pread(fd, 0n, 6)).toBe("after!");
  });

  test("are known through a mapping where the trace shows the stores", () => {
    const kernel = new Kernel();
    kernel.apply({ type: "machine", facts: { cpu_stores_recorded: true } });
    const fd = kernel.sizedMemfd(PAGE);
    const user_va = (kernel.mmap(fd, PAGE) as bigint) + 2n;
    const data = new TextEncoder().encode("cpu");
    kernel.apply({ type: "cpu_write", pid: PID, user_va, length_bytes: 3, data });
    expect(kernel.pread(fd, 0n, 5)).toBe("\0\0cpu");
  });

  test("end with the file: a store behind its last page raises SIGBUS", () => {
    const kernel = new Kernel();
    kernel.apply({ type: "machine", facts: { cpu_stores_recorded: true } });
    const fd = kernel.sizedMemfd(PAGE + 1n);
    const address = kernel.mmap(fd, 4n * PAGE) as bigint;
    const store = (user_va: bigint) =>
      kernel.apply({ type: "cpu_write", pid: PID, user_va, length_bytes: 4 }).outcome.claims;
    expect(store(address + 2n * PAGE - 4n)).toEqual({ sigbus: false });
    expect(store(address + 2n * PAGE - 3n)).toEqual({ sigbus: true });
  });

  test("hash as the recorder hashes them", () => {
    const kernel = new Kernel();
    const fd = kernel.sizedMemfd(3n);
    kernel.pwrite(fd, 0n, "foobar");
    const state = {
      name: "",
      size: 6,
      position: 0,
      seals: 0,
      flags: 0,
      fd_flags: 0,
      mode: 0o100777,
    };
    const rest = { inode: 1, links: 0, blocks: 8, fnv1a64: "85944171f73967e8", hashed_bytes: 6 };
    const { outcome } = kernel.apply({ type: "memfd_state", pid: PID, fd, ...state, ...rest });
    expect(outcome.claims).toMatchObject({ size: 6, blocks: 8, fnv1a64: "85944171f73967e8" });
  });
});

describe("a file on tmpfs", () => {
  test("keeps its contents from open to open and is unlinked like any other", () => {
    const kernel = new Kernel();
    const fd = Number(kernel.open("/dev/shm/ram", 0o102));
    kernel.pwrite(fd, 0n, "kept");
    kernel.close(fd);
    const again = Number(kernel.open("/dev/shm/ram"));
    expect(kernel.pread(again, 0n, 4)).toBe("kept");
    expect(kernel.object(again).links).toBe(1);
    kernel.call({ type: "unlink", pid: PID, path: "/dev/shm/ram" });
    expect(kernel.object(again).links).toBe(0);
  });
});
