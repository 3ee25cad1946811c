/** Faults with the restored HWPT in hand. */

import { RESTORING } from "../catalogue/plan.js";
import type { Ending } from "../scenario.js";
import type { FaultKind } from "./fault-kind.js";
import { writePage } from "./faults-preserve.js";
import { type Guest, PIECE_BYTES, type RestoreStep } from "./guest.js";

/** Restores the VM; before one step something else happens. */
function restoreWith(guest: Guest, before: RestoreStep | "finish", act: () => void): void {
  guest.fetch();
  for (const step of guest.steps) {
    if (step === before) act();
    guest.take(step);
  }
  if (before === "finish") act();
  guest.finish();
}

const common = { profiles: RESTORING, devices_min: 1 } as const;

const FORGET_DESTROY: FaultKind = {
  ...common,
  id: "forget-destroy",
  summary: "The replaced restored HWPT is never destroyed.",
  rules: () => ["leak-restored-hwpt-after-replace"],
  acts: {
    restore(guest) {
      guest.fetch();
      for (const step of guest.steps) if (step !== "destroy") guest.take(step);
      guest.finish();
      return "go_on";
    },
  },
};

function mapOn(guest: Guest, ending: Ending): void {
  const { vmm, iommufd, restored, memfd, host } = guest;
  const iova = host.options.memory_bytes;
  vmm.mapFile(iommufd, { ioas: restored, memfd, iova, length_bytes: PIECE_BYTES }, ending);
}

const MAP_ON_RESTORED: FaultKind = {
  ...common,
  id: "map-on-restored",
  summary: "Memory is to be mapped on the restored HWPT; the kernel refuses.",
  rules: () => ["api-map-restored-hwpt"],
  acts: {
    restore(guest) {
      restoreWith(guest, "replace", () => mapOn(guest, { refused: "ENOENT" }));
      return "go_on";
    },
  },
};

const DESTROY_EARLY: FaultKind = {
  ...common,
  id: "destroy-early",
  summary: "The restored HWPT is destroyed while it is in use; the kernel refuses.",
  rules: () => ["api-destroy-restored-before-replace"],
  acts: {
    restore(guest) {
      restoreWith(guest, "replace", () => {
        guest.vmm.destroy(guest.iommufd, guest.restored, { refused: "EBUSY" });
      });
      return "go_on";
    },
  },
};

const FINISH_EARLY: FaultKind = {
  ...common,
  id: "finish-early",
  summary: "The session is finished while the restored HWPT is in use; the kernel lets it pass.",
  rules: () => ["ses-finish-before-replace"],
  acts: {
    restore(guest) {
      restoreWith(guest, "replace", () => {
        guest.vmm.finish(guest.session, { kernel: "ok" });
      });
      return "go_on";
    },
  },
};

const PUNCH: FaultKind = {
  ...common,
  id: "punch",
  summary: "Retrieved memory is punched before it is mapped anew, and a device writes there.",
  rules: () => ["dma-to-reused-page", "imm-punch-retrieved-memfd-under-restored-domain"],
  acts: {
    restore(guest) {
      guest.fetch();
      guest.take("retrieve-memory");
      const { vmm, memfd, host } = guest;
      const refused = host.scenario.machine.profile.restore.change_retrieved_memfd;
      const ending: Ending = refused === undefined ? {} : { kernel: "ok" };
      vmm.punchHole(memfd, 0n, PIECE_BYTES, ending);
      writePage(guest, "ok");
      return "node_lost";
    },
  },
};

const SHORT_REPLACEMENT: FaultKind = {
  ...common,
  id: "short-replacement",
  summary: "What replaces the restored HWPT maps only the first 4 KiB of the memory.",
  rules: () => ["dma-replacement-hole"],
  acts: {
    restore(guest) {
      guest.fetch();
      for (const step of guest.steps) {
        if (step === "replace") guest.replace(4096n);
        else guest.take(step);
      }
      guest.finish();
      return "vm_lost";
    },
  },
};

export const RESTORE_FAULTS: readonly FaultKind[] = [
  FORGET_DESTROY,
  MAP_ON_RESTORED,
  DESTROY_EARLY,
  FINISH_EARLY,
  PUNCH,
  SHORT_REPLACEMENT,
];
