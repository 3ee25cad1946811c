/** Raw lines about kernels, devices, DMA and memory contents, by `ev`. */

import type { DeviceFacts } from "../../engine/event/index.js";
import type { Converter, EventParts } from "./call-lines.js";
import { recordsItsStores } from "./edu-facts.js";
import {
  optionalNumber,
  optionalString,
  type RawLine,
  rawLines,
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
      ...freezeFact(cmdline),
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
  memfd_state: memfdStateLine,
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

/** The recorder's kernel with a restore side stops devices at a freeze, unless told not to. */
function freezeFact(cmdline: string): { freeze_stops_device?: boolean } {
  if (/\bvfio_pci\.lab_keep_dma=1\b/.test(cmdline)) return { freeze_stops_device: false };
  return /\biommufd\.lab_restore=1\b/.test(cmdline) ? { freeze_stops_device: true } : {};
}

/** Contents that are too large to read have no hash. */
function memfdStateLine(line: RawLine): EventParts {
  const hash = line["fnv1a64"] === null ? undefined : rawString(line, "fnv1a64");
  return {
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
    hashed_bytes: rawNumber(line, "hashed"),
    ...(hash === undefined ? {} : { fnv1a64: hash }),
  };
}

function machineLine(line: RawLine): EventParts {
  const unsafe = optionalString(line, "allow_unsafe_interrupts");
  const thp = optionalString(line, "thp");
  const memory = /MemTotal:\s*(\d+) kB/.exec(optionalString(line, "meminfo_total") ?? "");
  const nofile = firstLimit(line["rlimit_nofile"]);
  return {
    type: "machine",
    facts: {
      page_size: rawNumber(line, "page_size"),
      iommu: iommuOf(line),
      ...(thp === undefined ? {} : { thp: !thp.includes("[never]") }),
      nr_hugepages: rawDecimal(line, "nr_hugepages"),
      uid: rawNumber(line, "uid"),
      ...(recordsItsStores(line) ? { cpu_stores_recorded: true } : {}),
      ...(nofile === undefined ? {} : { rlimit_nofile: nofile }),
      ...(memory === null ? {} : { memory_bytes: BigInt(memory[1] ?? 0) << 10n }),
      // The programs that write this line also write one for every store through a mapping.
      cpu_stores_recorded: true,
      ...(unsafe === undefined ? {} : { allow_unsafe_interrupts: unsafe === "Y" }),
      devices: rawLines(line["devices"]).map(deviceFacts),
    },
  };
}

/** Scalable mode and first-stage tables, in the extended capabilities of VT-d. */
const ECAP_FIRST_STAGE = (1n << 43n) | (1n << 47n);
const HEX = /^[0-9a-f]{1,16}$/;

function iommuOf(line: RawLine): string {
  const name = rawString(line, "iommu");
  const firstStage = rawLines(line["iommu_instances"]).some(({ ecap }) => {
    if (typeof ecap !== "string" || !HEX.test(ecap)) return false;
    return (BigInt(`0x${ecap}`) & ECAP_FIRST_STAGE) === ECAP_FIRST_STAGE;
  });
  return firstStage ? `${name} first stage` : name;
}

function deviceFacts(line: RawLine): DeviceFacts {
  const driver = optionalString(line, "driver");
  const cdev = optionalString(line, "cdev");
  const group = optionalNumber(line, "group");
  const iommu = optionalString(line, "iommu_instance");
  return {
    bdf: rawString(line, "bdf"),
    ...(group === undefined ? {} : { group }),
    ...(driver === undefined ? {} : { driver }),
    ...(cdev === undefined ? {} : { cdev }),
    ...(iommu === undefined ? {} : { iommu }),
    vendor: rawString(line, "vendor"),
    device: rawString(line, "device"),
    reserved: rawLines(line["reserved_regions"]).map(reservedRegion),
    resettable: "reset_method" in line,
    ...sriovFacts(line),
    ...barFacts(optionalString(line, "resource")),
  };
}

/** Where sysfs has these files, the device is a virtual or a physical function of SR-IOV. */
function sriovFacts(line: RawLine): Pick<DeviceFacts, "physical_function" | "sriov"> {
  const physical_function = /[0-9a-f:.]+$/.exec(optionalString(line, "physfn") ?? "")?.[0];
  if (physical_function !== undefined) return { physical_function };
  return "sriov_totalvfs" in line ? { sriov: true } : {};
}

const BARS = 6;
const RESOURCE_IO = 0x100n;
const RESOURCE_LINE = /^(0x[0-9a-f]{16}) (0x[0-9a-f]{16}) (0x[0-9a-f]{16})$/;

/** The device's `resource` file: first and last address and flags of each BAR, a line each. */
function barFacts(resource: string | undefined): Pick<DeviceFacts, "bars"> {
  if (resource === undefined) return {};
  const bars = resource
    .split("\n")
    .slice(0, BARS)
    .flatMap((line, index) => {
      const match = RESOURCE_LINE.exec(line);
      const [first, last, flags] = (match ?? []).slice(1).map(BigInt);
      if (first === undefined || last === undefined || flags === undefined) return [];
      const kind = (flags & RESOURCE_IO) === 0n ? ("memory" as const) : ("io" as const);
      return flags === 0n || last < first ? [] : [{ index, length_bytes: last - first + 1n, kind }];
    });
  return { bars };
}

/** A region is written as a list of its first address, its last address and its kind. */
function reservedRegion(region: RawLine) {
  return {
    first: rawU64(region, "0"),
    last: rawU64(region, "1"),
    kind: rawString(region, "2"),
  };
}

/** A number in decimal, as sysfs gives it; 0 where it is missing. */
function rawDecimal(line: RawLine, key: string): number {
  return Number.parseInt(optionalString(line, key) ?? "0", 10);
}

/** The soft limit of a pair. */
function firstLimit(limits: unknown): bigint | undefined {
  return Array.isArray(limits) && limits.length > 0
    ? rawU64({ rlimit_nofile: limits[0] }, "rlimit_nofile")
    : undefined;
}
