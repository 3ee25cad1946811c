/** Faults in the next kernel, before the VM has its devices again. */

import type { ProfileId } from "../../../engine/profile/index.js";
import { DEVICE_TOKEN } from "../blocks.js";
import { EVERY, RESTORING, WITH_DEVICES } from "../catalogue/plan.js";
import type { FaultKind } from "./fault-kind.js";
import { type Guest, PIECE_BYTES, RESTORE_STEPS } from "./guest.js";

const RETRIEVING: readonly ProfileId[] = ["luo73", ...RESTORING];
const TEN_MINUTES_NS = 600_000_000_000;

const FORGET_SESSION: FaultKind = {
  id: "forget-session",
  summary: "Nobody retrieves the VM's session.",
  profiles: RETRIEVING,
  devices_min: 0,
  rules: () => ["leak-session-never-retrieved"],
  acts: {
    restore({ host }) {
      host.scenario.wait(TEN_MINUTES_NS);
      return "vm_lost";
    },
  },
};

const KERNEL_DRIVER: FaultKind = {
  id: "kernel-driver",
  summary: "A kernel driver gets the device that waits for its VM.",
  profiles: WITH_DEVICES,
  devices_min: 1,
  rules: () => ["own-kernel-driver-on-preserved-device"],
  acts: {
    booted({ host, devices }) {
      const device = devices[0]?.facts.bdf ?? "";
      host.scenario.call({ type: "driver_bind", device, driver: "ice" }, { kernel: "ok" });
      return "node_lost";
    },
  },
};

const FOREIGN_BIND: FaultKind = {
  id: "foreign-bind",
  summary: "The device is bound to an iommufd that never was its own, and the kernel lets it pass.",
  profiles: RESTORING,
  devices_min: 1,
  rules: () => ["own-foreign-bind-preserved-device"],
  acts: {
    restore(guest) {
      guest.fetch();
      const { vmm, session } = guest;
      const cdev = vmm.retrieve(session, DEVICE_TOKEN);
      vmm.bind(cdev, vmm.open("/dev/iommu"), { kernel: "ok" });
      return "node_lost";
    },
  },
};

const FINISH_EMPTY: FaultKind = {
  id: "finish-empty",
  summary: "The session is finished with nothing retrieved from it.",
  profiles: EVERY,
  devices_min: 0,
  without_devices: true,
  rules: () => ["leak-file-not-retrieved-at-finish", "ses-finish-without-retrieve"],
  acts: {
    restore(guest) {
      guest.fetch();
      guest.finish();
      return "vm_lost";
    },
  },
};

const SESSION_TWICE: FaultKind = {
  id: "retrieve-session-twice",
  summary: "The session is retrieved a second time; the kernel refuses.",
  profiles: RETRIEVING,
  devices_min: 0,
  rules: () => ["ses-retrieve-session-twice"],
  acts: {
    restore(guest) {
      guest.fetch();
      const { host, name } = guest;
      host.manager.retrieveSession(host.luo, name, { refused: "EINVAL" });
      restoreAll(guest);
      return "go_on";
    },
  },
};

const INTO_ARRIVED: FaultKind = {
  id: "preserve-into-arrived",
  summary: "A file is to go into the session that arrived; the kernel refuses.",
  profiles: RETRIEVING,
  devices_min: 0,
  rules: () => ["ses-preserve-after-retrieve"],
  acts: {
    restore(guest) {
      guest.fetch();
      const { vmm, session } = guest;
      vmm.preserve(session, vmm.sealedMemfd("state", PIECE_BYTES), 99n, { refused: "EINVAL" });
      restoreAll(guest);
      return "go_on";
    },
  },
};

/** What a reaper must do that comes after a step; what was retrieved is retrieved again. */
function reapAfter(guest: Guest, step: string): void {
  const steps: readonly string[] = guest.steps;
  const reached = steps.indexOf(step);
  guest.takeOver("reaper");
  const bound = steps.indexOf("bind");
  for (const [index, next] of guest.steps.entries()) {
    if (index <= reached && index >= bound && bound >= 0) continue;
    guest.take(next);
  }
  guest.reap();
}

const CRASH: FaultKind = {
  id: "crash",
  summary: "The VMM dies in its restore; a reaper cleans up. This is no fault of anybody.",
  profiles: RESTORING,
  devices_min: 1,
  steps: RESTORE_STEPS,
  rules: () => [],
  acts: {
    restore(guest, step) {
      guest.fetch();
      takeUpTo(guest, step);
      guest.vmm.crash();
      reapAfter(guest, step);
      return "vm_lost";
    },
  },
};

/** Steps after which the iommufd is there and its HWPT is not. */
const UNRESTORED: readonly string[] = ["retrieve-iommufd", "retrieve-devices", "bind"];

const CRASH_ALONE: FaultKind = {
  id: "crash-alone",
  summary: "The VMM dies in its restore, and nobody else holds its session.",
  profiles: RESTORING,
  devices_min: 1,
  steps: RESTORE_STEPS.slice(0, RESTORE_STEPS.indexOf("replace")),
  rules: (profile, step) => [
    ...["leak-session-fd-single-holder", "leak-session-stuck"],
    ...(profile !== "seed" && UNRESTORED.includes(step) ? ["leak-hwpt-not-restored"] : []),
  ],
  acts: {
    restore(guest, step) {
      guest.fetch();
      guest.host.manager.close(guest.manager_session);
      takeUpTo(guest, step);
      guest.vmm.crash();
      return "vm_lost";
    },
  },
};

function takeUpTo(guest: Guest, step: string): void {
  for (const next of guest.steps) {
    guest.take(next);
    if (next === step) return;
  }
}

/** The restore as it should be, from the fetched session on. */
export function restoreAll(guest: Guest): void {
  for (const step of guest.steps) guest.take(step);
  guest.finish();
}

export const ARRIVAL_FAULTS: readonly FaultKind[] = [
  FORGET_SESSION,
  KERNEL_DRIVER,
  FOREIGN_BIND,
  FINISH_EMPTY,
  SESSION_TWICE,
  INTO_ARRIVED,
  CRASH,
  CRASH_ALONE,
];
