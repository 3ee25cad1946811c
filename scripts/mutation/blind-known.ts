/** What blind mutants show that no rule is to blame for, or that two rules are right about. */

import { type BlindChange, type BlindMutant, operationOf, rootsOf } from "./blind.js";

export interface Known {
  /** Why this is as it should be, or what nobody can tell. */
  readonly reason: string;
  readonly fits: (mutant: BlindMutant, change: BlindChange) => boolean;
}

function isOne(mutant: BlindMutant, operations: RegExp): boolean {
  return operations.test(operationOf(mutant.moment));
}

function inFirstKernel({ program, moment }: BlindMutant): boolean {
  const first = program.steps[0]?.moment.epoch ?? 1;
  return moment.epoch === first;
}

/** The harm shows before the machine jumps, or it never does. */
function wasBrokenBefore({ program, harm }: BlindMutant): boolean {
  const jump = program.steps.findIndex(({ event }) => event.type === "reboot");
  return harm.some((text) => {
    const step = /\bstep (\d+)/.exec(text)?.[1];
    return text.startsWith("left: kernel") || (step !== undefined && Number(step) < jump);
  });
}

function lastKernel({ program }: BlindMutant): number {
  return program.steps.at(-1)?.moment.epoch ?? 1;
}

function infos({ findings }: BlindMutant): string[] {
  return findings.filter(({ severity }) => severity === "info").map(({ rule }) => rule);
}

/** Nothing is found, and something is otherwise than it was. */
export const KNOWN_SILENT: readonly Known[] = [
  {
    reason: "the VM, or its device, never worked before the update: nothing is lost by it",
    fits: (mutant) =>
      inFirstKernel(mutant) &&
      !mutant.moment.preserved &&
      wasBrokenBefore(mutant) &&
      isOne(mutant, SET_UP),
  },
  {
    reason: "nobody puts the VM into a session; marks alone tell so, as info",
    fits: (mutant) =>
      !mutant.moment.preserved &&
      mutant.moment.epoch < lastKernel(mutant) &&
      isOne(mutant, HAND_OVER),
  },
  {
    reason: "the process died before it had put anything into a session",
    fits: (mutant, change) => change === "crash" && mutant.moment.epoch < lastKernel(mutant),
  },
  {
    reason: "the process died after its update, or where another one goes on with its work",
    fits: (mutant, change) =>
      change === "crash" && !mutant.harm.some((text) => /in_stuck|in_wait|attached/.test(text)),
  },
  {
    reason: "the device stays switched off after the update: its program's own matter",
    fits: (mutant) =>
      isOne(mutant, /^bus_master$/) ||
      mutant.harm.every((text) => /bus_master_off|not left: device/.test(text)),
  },
  {
    reason: "the session, or its memory, is left in an open descriptor: told as info at the end",
    fits: (mutant) => infos(mutant).length > 0,
  },
  {
    reason: "a descriptor stays open to the end of the trace: its memory lives longer, that is all",
    fits: (mutant) =>
      isOne(mutant, /^(close|exit|LIVEUPDATE_SESSION_RETRIEVE_FD)$/) &&
      mutant.harm.every((text) => /^not left: freed|^left: device|^not left: device/.test(text)),
  },
  {
    reason: "somebody still has the device open, and the driver that is to get it is refused",
    fits: ({ harm }) =>
      harm.every((text) => /^step \d+ refused: EBUSY$|^not left: freed/.test(text)),
  },
  {
    reason: "a sealed memfd keeps the size it has; the call is refused",
    fits: (mutant) => isOne(mutant, /^ftruncate$/),
  },
  {
    reason: "in the agreed model the HWPT comes with the bind: asked for earlier, it is refused",
    fits: (mutant) =>
      mutant.program.profile === "seed" && mutant.harm.every((text) => /ENODEV$/.test(text)),
  },
  {
    reason: "FINISH comes after the close, which finishes the session too",
    fits: (mutant) => isOne(mutant, /SESSION_FINISH$/),
  },
  {
    reason: "the session is not closed after the cancel; nothing that follows shows for how long",
    fits: (mutant) => mutant.program.trace.name.includes("S07-cancelled"),
  },
  {
    reason: "what was changed is what the trace does on purpose, such as a hole that is punched",
    fits: (mutant) =>
      isOne(mutant, /^(fallocate|driver_bind|device_reset|VFIO_DEVICE_DETACH_IOMMUFD_PT)$/),
  },
];

/** Calls by which processes and descriptors come about. */
const WIRING = "open|process_start|new_fds|fork|send_fds|receive_fds|close";
const MEMORY = "memfd_create|ftruncate|fcntl|mmap|cpu_write|snapshot_fd|kexec_load|bus_master";
const DEVICE = "VFIO_DEVICE_BIND_IOMMUFD|VFIO_DEVICE_ATTACH_IOMMUFD_PT";
const TABLES = "IOMMU_IOAS_ALLOC|IOMMU_IOAS_MAP_FILE|IOMMU_HWPT_ALLOC";
const MARK = "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE";
const SESSION = "LIVEUPDATE_IOCTL_CREATE_SESSION|LIVEUPDATE_SESSION_PRESERVE_FD";

/** Calls by which a VM and its device come about. */
const SET_UP = new RegExp(`^(${[WIRING, MEMORY, DEVICE, TABLES, MARK].join("|")})$`);
/** Calls by which a session comes about and gets to the VMM. */
const HAND_OVER = new RegExp(`^(${[WIRING, SESSION].join("|")})$`);

/** Something is found, and nothing is otherwise than it was. */
export const KNOWN_HARMLESS: readonly Known[] = [
  {
    reason: "a call that is refused is told, though the program had what it wanted before",
    fits: (_, change) => change === "repeat",
  },
  {
    reason: "an unsealed memfd is mapped for a device: the next preserve would fail",
    fits: (mutant) => rootsOf(mutant).every((rule) => rule === "cmp-unsealed-at-map"),
  },
  {
    reason: "seals that came late did not cross; nobody changed the size this time",
    fits: (mutant) => rootsOf(mutant).every((rule) => rule === "imm-seals-added-after-preserve"),
  },
  {
    reason: "the device is taken out of the update by a program that does not call itself reaper",
    fits: (mutant) => mutant.program.trace.name.includes("X10"),
  },
  {
    reason: "the clean trace of such a kernel leaves its session behind too",
    fits: (mutant) => ["p1v1", "p1v5"].includes(mutant.program.profile),
  },
];

/** Two rules are right about one change. */
export const KNOWN_TWO: readonly Known[] = [
  {
    reason: "the trace punches a hole later: without the new mapping that is a fault of its own",
    fits: (mutant) => rootsOf(mutant).includes("imm-punch-retrieved-memfd-under-restored-domain"),
  },
  {
    reason: "without the first device the program makes no new page table for the second",
    fits: (mutant) =>
      mutant.program.trace.name.includes("S03") &&
      rootsOf(mutant).includes("api-destroy-restored-before-replace"),
  },
  {
    reason: "the session is stuck, and the program tries to destroy the HWPT all the same",
    fits: (mutant) => mutant.program.trace.name.includes("X01"),
  },
  {
    reason: "the kernel does not ask for the iommufd: the device is lost and its session stuck",
    fits: (mutant) => rootsOf(mutant).join() === "dma-lost-translation,leak-session-stuck",
  },
];
