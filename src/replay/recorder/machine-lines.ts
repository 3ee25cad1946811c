/** Raw lines about kernels, devices, DMA and memory contents, by `ev`. */

import type { Converter, EventParts } from "./call-lines.js";
import {
  optionalNumber,
  optionalString,
  optionalU64,
  type RawLine,
  rawBytes,
  rawNumber,
  rawString,
  rawU64,
} from "./raw-line.js";

export const MACHINE_LINES: Readonly<Record<string, Converter>> = {
  boot: (line) => {
    const boot = rawNumber(line, "boot");
    const cmdline = rawString(line, "cmdline");
    return {
      type: "boot",
      kind: boot === 1 ? "start" : "kexec",
      boot,
      boot_id: rawString(line, "boot_id"),
      kernel: rawString(line, "kernel"),
      cmdline,
      liveupdate: /\bliveupdate=on\b/.test(cmdline),
      kho: /\bkho=on\b/.test(cmdline),
    };
  },
  marker: (line) => {
    const what = rawString(line, "what");
    if (what.startsWith("kexec_file_load")) return { type: "kexec_load", how: "kexec_file_load" };
    if (what.startsWith("reboot(LINUX_REBOOT_CMD_KEXEC)")) {
      return { type: "reboot", cmd: "kexec", never_returned: true };
    }
    return { type: "note", kind: "marker", text: what };
  },
  machine: machineLine,
  mmio: (line) => ({
    type: "mmio",
    op: rawString(line, "op") === "w" ? "write" : "read",
    ...("bar" in line ? { bar: rawNumber(line, "bar") } : {}),
    offset: rawU64(line, "off"),
    length_bytes: rawNumber(line, "size"),
    value: rawU64(line, "val"),
  }),
  cpu_write: (line) => contentLine(line, "cpu_write"),
  ram: (line) => contentLine(line, "memory_content"),
  memfd_state: (line) => ({
    type: "memfd_state",
    fd: rawNumber(line, "fd"),
    name: rawString(line, "name"),
    token: rawU64(line, "token"),
    size: rawNumber(line, "size"),
    position: rawNumber(line, "pos"),
    seals: rawNumber(line, "seals"),
    flags: rawNumber(line, "flags"),
    fd_flags: rawNumber(line, "fdflags"),
    mode: rawNumber(line, "mode"),
    inode: rawNumber(line, "ino"),
    links: rawNumber(line, "nlink"),
    blocks: rawNumber(line, "blocks"),
    fnv1a64: rawString(line, "fnv1a64"),
    hashed_bytes: rawNumber(line, "hashed"),
  }),
  buffers: (line) => ({
    type: "buffers",
    buffers: ["memfd", "anon", "zone"].map((name) => ({
      name,
      user_va: rawU64(line, `${name}_va`),
      length_bytes: rawU64(line, `${name}_len`),
      ...(name === "memfd" ? { fd: rawNumber(line, "memfd_fd") } : {}),
    })),
  }),
};

function contentLine(line: RawLine, type: "cpu_write" | "memory_content"): EventParts {
  const data = rawBytes(line, "hex");
  const va = optionalU64(line, "va");
  const fd = optionalNumber(line, "map_fd");
  const offset = optionalU64(line, "memfd_off") ?? optionalU64(line, "anon_off");
  const buffer = optionalString(line, "buf");
  const sigbus = line["sigbus"] === true;
  return {
    type,
    ...(va === undefined ? {} : { user_va: va }),
    ...(fd === undefined ? {} : { fd }),
    ...(offset === undefined ? {} : { offset }),
    ...(buffer === undefined ? {} : { buffer }),
    length_bytes: rawNumber(line, "len"),
    ...(data === null ? {} : { data }),
    ...(type === "cpu_write" && sigbus ? { sigbus } : {}),
  } as EventParts;
}

function machineLine(line: RawLine): EventParts {
  return {
    type: "machine",
    facts: {
      page_size: rawNumber(line, "page_size"),
      iommu: rawString(line, "iommu"),
      nr_hugepages: Number(line["nr_hugepages"] ?? 0),
      uid: rawNumber(line, "uid"),
    },
  };
}
