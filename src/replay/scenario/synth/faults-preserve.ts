/** Faults of the kernel that hands over. */

import type { ProfileId } from "../../../engine/profile/index.js";
import { MEMORY_TOKEN } from "../blocks.js";
import { EVERY, WITH_DEVICES } from "../catalogue/plan.js";
import { ftruncate } from "../process-calls.js";
import type { FaultKind } from "./fault-kind.js";
import { type Guest, PIECE_BYTES } from "./guest.js";

/** In phase 1 devices stand still over the kexec. */
const STOPPING: readonly ProfileId[] = ["p1v1", "p1v5"];

const FORGET_MEMFD: FaultKind = {
  id: "forget-memfd",
  summary: "The VM's memory is not preserved, and the kernel lets the iommufd pass without it.",
  profiles: WITH_DEVICES,
  devices_min: 1,
  rules: (profile) => [
    "cmp-mapped-memory-not-preserved",
    ...(profile === "rfc2" ? [] : ["ses-order-violation"]),
    ...(STOPPING.includes(profile) ? [] : ["dma-to-reused-page"]),
  ],
  acts: {
    preserve(guest) {
      const { preserve } = guest.host.scenario.machine.profile;
      const strict = preserve.memfd_not_in_session !== undefined;
      guest.settle();
      guest.preserveIommufd(strict ? { kernel: "ok" } : {});
      guest.preserveDevices();
      return "go_on";
    },
    booted(guest) {
      if (!guest.host.stopped) writePage(guest, "ok");
      return "node_lost";
    },
  },
};

const FORGET_DEVICE: FaultKind = {
  id: "forget-device",
  summary: "One device of the VM is not preserved; its DMA faults in the next kernel.",
  profiles: WITH_DEVICES,
  devices_min: 2,
  rules: () => ["cmp-device-not-preserved"],
  acts: {
    preserve(guest) {
      guest.settle();
      guest.preserveMemory();
      guest.preserveIommufd();
      guest.arrived = guest.devices.slice(0, -1);
      guest.preserveDevices(guest.arrived);
      return "go_on";
    },
  },
};

const MAP_PRESERVED: FaultKind = {
  id: "map-preserved",
  summary: "The VM's memory is mapped a second time while preserved; the kernel lets it pass.",
  profiles: WITH_DEVICES,
  devices_min: 1,
  rules: () => ["imm-map-on-preserved-ioas"],
  acts: {
    preserved({ vmm, iommufd, ioas, memfd, host }) {
      const place = { ioas, memfd, iova: host.options.memory_bytes, length_bytes: PIECE_BYTES };
      vmm.mapFile(iommufd, place, { kernel: "ok" });
      return "go_on";
    },
    booted: () => "node_lost",
  },
};

const UNMAP_PRESERVED: FaultKind = {
  id: "unmap-preserved",
  summary: "Memory is unmapped from a preserved IOAS, and the kernel lets it pass.",
  profiles: WITH_DEVICES,
  devices_min: 1,
  rules: () => ["imm-unmap-on-preserved-ioas"],
  acts: {
    preserved({ vmm, iommufd, ioas, host }) {
      vmm.unmap(iommufd, ioas, 0n, host.options.memory_bytes, { kernel: "ok" });
      return "go_on";
    },
    booted: () => "node_lost",
  },
};

const RESIZE_MEMORY: FaultKind = {
  id: "resize-memory",
  summary: "The preserved memory grows, and the kernel lets it pass.",
  profiles: EVERY,
  devices_min: 0,
  rules: () => ["imm-memfd-size-changed-while-preserved"],
  acts: {
    preserved({ vmm, memfd, host }) {
      ftruncate(vmm, memfd, host.options.memory_bytes + PIECE_BYTES, { kernel: "ok" });
      return "go_on";
    },
  },
};

const CLOSE_SESSION: FaultKind = {
  id: "close-session",
  summary: "All descriptors of the session are closed before the kexec.",
  profiles: EVERY,
  devices_min: 0,
  rules: (_profile, _step, devices) => [
    "ses-closed-before-kexec",
    ...(devices > 0 ? ["cmp-device-not-preserved"] : []),
  ],
  acts: {
    preserved({ vmm, session, manager_session, host }) {
      vmm.close(session);
      host.manager.close(manager_session);
      return "vm_lost";
    },
  },
};

const OLD_IMAGE: FaultKind = {
  id: "old-image",
  summary: "The image is loaded by kexec_load, which hands no memory over.",
  profiles: EVERY,
  devices_min: 0,
  rules: () => ["cmp-image-without-kho"],
  acts: { image: "kexec_load", booted: () => "node_lost" },
};

const DOUBLE_PRESERVE: FaultKind = {
  id: "double-preserve",
  summary: "The VM's memory goes into a second session; the kernel refuses.",
  profiles: EVERY,
  devices_min: 0,
  rules: () => ["ses-double-preserve"],
  acts: {
    preserved({ vmm, memfd, name, host }) {
      const held = host.manager.createSession(host.luo, `${name}-copy`);
      const session = host.manager.pass(held, vmm);
      vmm.preserve(session, memfd, MEMORY_TOKEN, { refused: "EBUSY" });
      vmm.close(session);
      host.manager.close(held);
      return "go_on";
    },
  },
};

const TOKEN_REUSE: FaultKind = {
  id: "token-reuse",
  summary: "A second file is to get the token of the VM's memory; the kernel refuses.",
  profiles: EVERY,
  devices_min: 0,
  rules: () => ["ses-token-reuse"],
  acts: {
    preserved({ vmm, session }) {
      const other = vmm.sealedMemfd("state", PIECE_BYTES);
      vmm.preserve(session, other, MEMORY_TOKEN, { refused: "EEXIST" });
      return "go_on";
    },
  },
};

/** The first device of the VM writes the first page. */
export function writePage({ host, devices }: Guest, observed: "ok" | "fault"): void {
  const device = devices[0]?.facts.bdf ?? "";
  const what = { iova: 0n, length_bytes: 4096, direction: "write", observed } as const;
  host.scenario.add({ type: "dma", device, ...what });
}

export const PRESERVE_FAULTS: readonly FaultKind[] = [
  FORGET_MEMFD,
  FORGET_DEVICE,
  MAP_PRESERVED,
  UNMAP_PRESERVED,
  RESIZE_MEMORY,
  CLOSE_SESSION,
  OLD_IMAGE,
  DOUBLE_PRESERVE,
  TOKEN_REUSE,
];
