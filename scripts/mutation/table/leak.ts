/** Leaks: something is left that nobody will clean up. */

import { after, before, drop, instead, stop } from "../change.js";
import {
  CANCELLED,
  CLEAN,
  MEMORIES,
  MEMORY,
  type Mutation,
  silent,
  TWO_DEVICES,
  TWO_TABLES,
  VM,
} from "../mutation.js";
import { FREE_IOVA, type Scene } from "../scene.js";
import { ioctl, KEXEC, marker } from "../select.js";

const LONG_NS = 301_000_000_000;

function muchLater(scene: Scene): void {
  scene.telling.wait(LONG_NS);
  scene.add({ type: "note", text: "much later" });
}

export const LEAK: readonly Mutation[] = [
  {
    rule: "leak-session-never-retrieved",
    fault: "forget RETRIEVE_SESSION",
    of: [VM, TWO_DEVICES, TWO_TABLES, MEMORY, MEMORIES],
    change: drop(ioctl("RETRIEVE_SESSION")),
    at: ["marker"],
  },
  {
    rule: "leak-session-stuck",
    fault: "everybody closes the session before its iommufd is retrieved",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: before(ioctl("RETRIEVE_FD", { token: 2n }), (scene) => {
      scene.closeEverywhere(scene.session());
    }),
    at: ["here"],
  },
  {
    rule: "leak-session-stuck",
    fault: "forget RETRIEVE_FD of the iommufd",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: drop(ioctl("RETRIEVE_FD", { token: 2n })),
    at: ["close"],
  },
  {
    rule: "leak-file-not-retrieved-at-finish",
    fault: "forget RETRIEVE_FD of one of several memfds",
    of: [MEMORIES],
    change: drop(ioctl("RETRIEVE_FD")),
    at: ["SESSION_FINISH"],
  },
  {
    rule: "leak-file-not-retrieved-at-finish",
    fault: "forget RETRIEVE_FD of the memory",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    profiles: ["rfc2", "p2"],
    change: drop(ioctl("RETRIEVE_FD", { token: 1n })),
    at: ["SESSION_FINISH"],
  },
  {
    rule: "leak-hwpt-not-restored",
    fault: "forget to restore a HWPT token",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: drop(ioctl("LU_RESTORE")),
    at: ["marker"],
  },
  {
    rule: "leak-restored-hwpt-after-replace",
    fault: "forget to DESTROY the restored HWPT",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: drop(ioctl("IOMMU_DESTROY", { epoch: 2, about: "restored" })),
    at: ["marker"],
  },
  {
    rule: "leak-outgoing-session-not-closed-after-abort",
    fault: "the update is called off and its session stays open",
    of: [CANCELLED, silent("leak-outgoing-session-not-closed-after-abort")],
    change: after(marker("cancel"), muchLater),
    at: ["close"],
  },
  {
    rule: "leak-flb-held-by-one-session",
    fault: "the last session is not finished for a long time",
    of: [silent("leak-flb-held-by-one-session")],
    change: stop(after(ioctl("SESSION_FINISH"), muchLater)),
    nth: 0,
    at: ["here"],
    also: { "leak-session-never-retrieved": "that session waits to be retrieved all that time" },
  },
  {
    rule: "leak-session-left-open",
    fault: "the VMM dies before the replacement, the manager keeps the session, no reaper comes",
    of: [CLEAN],
    change: stop(
      instead(ioctl("ATTACH_IOMMUFD_PT", { epoch: 2, replaces: true }), (scene) => {
        scene.add({ type: "exit", pid: scene.pidOf("vmm"), signal: 9 });
        scene.add({ type: "marker", what: "clean_end" });
      }),
    ),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "leak-session-fd-single-holder",
    fault: "only the VMM holds its session at the kexec",
    of: [VM, TWO_DEVICES, TWO_TABLES, "scenarios/S57-kernel-driver-refused"],
    change: before(KEXEC, (scene) => {
      scene.close(scene.heldBy(scene.pidOf("manager"), "luo_session"));
    }),
    at: ["reboot"],
  },
  {
    rule: "leak-session-fd-single-holder",
    fault: "the VMM is the only holder of its session and dies in the restore",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: before(ioctl("RETRIEVE_FD", { token: 2n }), (scene) => {
      scene.close(scene.heldBy(scene.pidOf("manager"), "luo_session"));
      scene.add({ type: "exit", pid: scene.pidOf("vmm"), signal: 9 });
    }),
    at: ["here"],
  },
  {
    rule: "leak-dead-token",
    fault: "the manager keeps a descriptor of the VM's memory beyond FINISH",
    of: [VM, TWO_DEVICES],
    change: after(ioctl("RETRIEVE_FD", { token: 1n }), (scene) => {
      const session = scene.heldBy(scene.pidOf("manager"), "luo_session");
      scene.ioctl(session, "LIVEUPDATE_SESSION_RETRIEVE_FD", { fd: -1, token: 1n });
    }),
    at: ["SESSION_FINISH"],
  },
  {
    rule: "leak-preserved-memory-unreferenced",
    fault: "the work ends before all memory is retrieved and the session finished",
    of: [MEMORIES],
    change: stop(
      instead(ioctl("RETRIEVE_FD"), (scene) => {
        scene.add({ type: "marker", what: "clean_end" });
      }),
    ),
    nth: 1,
  },
  {
    rule: "leak-file-mapped-into-own-context",
    fault: "the device's own file is mapped into the iommufd that it is bound to",
    of: [silent("leak-file-mapped-into-own-context"), VM],
    change: after(ioctl("IOAS_ALLOC", { epoch: 1 }), (scene) => {
      const { fd } = scene.held("vfio_device");
      const place = { start: 0n, length: 0x1000n, iova: FREE_IOVA };
      const args = { flags: 7, ioas_id: scene.id("IOAS"), fd, ...place };
      scene.ioctl(scene.iommufd(), "IOMMU_IOAS_MAP_FILE", args);
    }),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "leak-preserved-memory-unreferenced",
    fault: "the work ends before the VM's memory is retrieved",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: stop(
      instead(ioctl("RETRIEVE_FD", { token: 1n }), (scene) => {
        scene.add({ type: "marker", what: "clean_end" });
      }),
    ),
    at: ["here"],
    also: { "leak-session-left-open": "the session is not finished either" },
  },
];
