/** Kernels, devices and DMA: what happens outside the recorded processes. */

import * as z from "zod";
import { common, hexBytes, pid, result, s32, u32, u64 } from "./scalars.js";

/** A kexec image was loaded. Only `kexec_file_load` carries KHO data. */
export const kexecLoad = z.strictObject({
  ...common,
  type: z.literal("kexec_load"),
  how: z.enum(["kexec_file_load", "kexec_load"]),
  ...result,
});

/** reboot(2). A kexec that jumped never returns. */
export const reboot = z.strictObject({
  ...common,
  type: z.literal("reboot"),
  cmd: z.enum(["kexec", "restart", "power_off", "other"]),
  ...result,
});

/** A kernel starts. All processes of the kernel before are gone. */
export const boot = z.strictObject({
  ...common,
  type: z.literal("boot"),
  /** How this kernel came to run; `start` is the first kernel of a trace. */
  kind: z.enum(["start", "kexec", "cold", "crash"]),
  /** Number of this kernel in the trace, from 1. */
  boot: z.int().min(1),
  boot_id: z.string().optional(),
  kernel: z.string().optional(),
  cmdline: z.string().optional(),
  /** False when this kernel runs without live update, so that nothing can be fetched. */
  liveupdate: z.boolean().optional(),
  kho: z.boolean().optional(),
  /** False when this kernel's LUO speaks another ABI than the one before. */
  luo_abi_matches: z.boolean().optional(),
  /** Whether the freeze of a kexec resets devices and stops their DMA, where the kernel says. */
  freeze_stops_device: z.boolean().optional(),
  /** File handlers that are missing at the first open of /dev/liveupdate. */
  missing_handlers: z.array(z.string()).optional(),
});

/** Facts of one device, where the machine line or the header states them. */
export const device = z.strictObject({
  /** PCI address, or a name for a device that is not PCI. */
  bdf: z.string(),
  group: z.int().min(0).optional(),
  driver: z.string().optional(),
  /** The /dev/vfio/devices node. */
  cdev: z.string().optional(),
  iommu: z.string().optional(),
  vendor: z.string().optional(),
  device: z.string().optional(),
  reserved: z.array(z.strictObject({ first: u64, last: u64, kind: z.string() })).optional(),
  /** Page sizes of its paging domains, as a bitmap, and their aperture. */
  page_sizes: u64.optional(),
  aperture: z.strictObject({ first: u64, last: u64 }).optional(),
  max_pasids: z.int().min(0).optional(),
  resettable: z.boolean().optional(),
  /** BARs that exist, by index: all of them, where the key is there. */
  bars: z
    .array(
      z.strictObject({
        index: z.int().min(0).max(5),
        length_bytes: u64,
        kind: z.enum(["memory", "io"]),
      }),
    )
    .optional(),
  /** A virtual function of SR-IOV. */
  virtual_function: z.boolean().optional(),
  /** PCI address of the physical function that a virtual function belongs to. */
  physical_function: z.string().optional(),
  /** A physical function with SR-IOV: it has a VF token. */
  sriov: z.boolean().optional(),
});

/** Facts of the machine, from the header or from a recorder's line inside the trace. */
export const machineFacts = z.strictObject({
  page_size: z.int().min(512).optional(),
  iommu: z.string().optional(),
  thp: z.boolean().optional(),
  nr_hugepages: z.int().min(0).optional(),
  cap_eff: u64.optional(),
  rlimit_memlock: u64.optional(),
  rlimit_nofile: u64.optional(),
  uid: u32.optional(),
  allow_unsafe_interrupts: z.boolean().optional(),
  /** RAM in bytes. */
  memory_bytes: u64.optional(),
  /** The trace holds a `cpu_write` for every store through a mapping of a memfd. */
  cpu_stores_recorded: z.boolean().optional(),
  /** Build options of the kernel; those that are missing are as in the kernels of known traces. */
  kernel_config: z
    .strictObject({
      iommufd_test: z.boolean().optional(),
      iommufd_noiommu: z.boolean().optional(),
      vfio_noiommu: z.boolean().optional(),
      transparent_hugepage: z.boolean().optional(),
      dmabuf_get_returns_fd: z.boolean().optional(),
    })
    .optional(),
  devices: z.array(device).optional(),
});

export const machine = z.strictObject({
  ...common,
  type: z.literal("machine"),
  facts: machineFacts,
});

/** A kernel driver was bound to or unbound from a device. */
export const driver = z.strictObject({
  ...common,
  type: z.enum(["driver_bind", "driver_unbind"]),
  device: z.string(),
  driver: z.string(),
  ...result,
});

export const deviceReset = z.strictObject({
  ...common,
  type: z.literal("device_reset"),
  device: z.string(),
});

export const busMaster = z.strictObject({
  ...common,
  type: z.literal("bus_master"),
  device: z.string(),
  enabled: z.boolean(),
});

/** A load or store to a device's BAR by the CPU. */
export const mmio = z.strictObject({
  ...common,
  type: z.literal("mmio"),
  device: z.string().optional(),
  op: z.enum(["read", "write"]),
  bar: z.int().min(0).optional(),
  offset: u64,
  length_bytes: z.int().min(1),
  value: u64,
});

/**
 * One DMA transaction. `write`: the device writes memory. `observed` says what became of it, as
 * far as the recorder could see: `unknown` where nothing tells.
 */
export const dma = z.strictObject({
  ...common,
  type: z.literal("dma"),
  device: z.string(),
  pasid: u32.optional(),
  iova: u64,
  length_bytes: z.int().min(0),
  direction: z.enum(["read", "write"]),
  observed: z.enum(["ok", "fault", "partial", "unknown"]),
  /** Host physical address, where the IOMMU's log gives it. */
  physical: u64.optional(),
  fault_reason: z.string().optional(),
  /** Offset in the device's own buffer, for engines that have one. */
  device_offset: z.int().min(0).optional(),
  /** What ran while the transfer was pending. */
  pending_op: z.string().optional(),
  data: hexBytes.optional(),
});

/** What the IOMMU hardware (or its emulator) logged for one translation. */
export const iommuTranslation = z.strictObject({
  ...common,
  type: z.literal("iommu_translation"),
  device: z.string(),
  pasid: u32.optional(),
  iova: u64,
  physical: u64.optional(),
  page_bytes: u64.optional(),
  write: z.boolean().optional(),
  outcome: z.enum(["hit", "walk", "fault"]),
  fault_reason: z.string().optional(),
});

/** What the kernel's own IOMMU tracepoints said (events/iommu of ftrace). */
export const iommuTracepoint = z.strictObject({
  ...common,
  type: z.literal("iommu_tracepoint"),
  what: z.enum([
    "map",
    "unmap",
    "attach_device_to_domain",
    "detach_device_from_domain",
    "add_device_to_group",
    "remove_device_from_group",
    "io_page_fault",
  ]),
  device: z.string().optional(),
  group: z.int().min(0).optional(),
  iova: u64.optional(),
  physical: u64.optional(),
  length_bytes: u64.optional(),
  /** How much an unmap really removed. */
  unmapped_bytes: u64.optional(),
});

/** A point in the story that no call shows. */
export const marker = z.strictObject({
  ...common,
  type: z.literal("marker"),
  what: z.enum([
    "cancel",
    "vcpus_paused",
    "vcpus_resumed",
    "boot_complete",
    "clean_end",
    "test_start",
    "test_end",
  ]),
  pid: pid.optional(),
  text: z.string().optional(),
  code: s32.optional(),
});
