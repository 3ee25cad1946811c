/** Calls of the iommufd that are made wrongly. */

import { after, alter, before, delay, drop, repeat } from "../change.js";
import { CLEAN, type Mutation, silent, TWO_DEVICES, TWO_TABLES, VM } from "../mutation.js";
import type { Scene } from "../scene.js";
import { ioctl } from "../select.js";

const REPLACE = ioctl("ATTACH_IOMMUFD_PT", { epoch: 2, replaces: true });
const RESTORE = ioctl("LU_RESTORE");
const MARK = ioctl("LIVEUPDATE_MARK_PRESERVE");
const STRICT_VM = "scenarios/S57-kernel-driver-refused";
const MARK_OP = "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE";

function markSecond(scene: Scene): void {
  const context = scene.iommufd();
  const table = { dev_id: scene.id("DEVICE"), pt_id: scene.id("IOAS") };
  const { out_hwpt_id } = scene.ioctl(context, "IOMMU_HWPT_ALLOC", table);
  scene.ioctl(context, MARK_OP, { hwpt_id: Number(out_hwpt_id), hwpt_token: 77n });
}

export const API: readonly Mutation[] = [
  {
    rule: "api-destroy-in-use",
    fault: "IOMMU_DESTROY of a page table that a device uses",
    of: [VM, TWO_DEVICES, STRICT_VM],
    change: after(ioctl("ATTACH_IOMMUFD_PT", { epoch: 1 }), (scene) => {
      scene.ioctl(scene.iommufd(), "IOMMU_DESTROY", { id: scene.id("HWPT_PAGING") });
    }),
    at: ["here"],
  },
  {
    rule: "api-destroy-restored-before-replace",
    fault: "swap the replacing ATTACH and DESTROY of the restored HWPT",
    of: [VM],
    change: delay(REPLACE, ioctl("IOMMU_DESTROY", { epoch: 2, about: "restored" })),
    at: ["IOMMU_DESTROY"],
  },
  {
    rule: "api-destroy-restored-before-replace",
    fault: "DESTROY of the restored HWPT between two replacements",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: before(REPLACE, (scene) => {
      scene.ioctl(scene.iommufd(), "IOMMU_DESTROY", {
        id: scene.ids("HWPT_PAGING", true).at(-1) ?? 0,
      });
    }),
    at: ["here"],
  },
  {
    rule: "api-restore-on-fresh-iommufd",
    fault: "the HWPT is restored on a fresh iommufd",
    of: [CLEAN],
    change: before(RESTORE, (scene) => {
      const fresh = scene.open(scene.iommufd().pid, "/dev/iommu");
      scene.ioctl(fresh, "IOMMU_HWPT_LU_RESTORE", { hwpt_token: 77 });
    }),
    at: ["here"],
  },
  {
    rule: "api-restore-twice",
    fault: "restore one token twice",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    profiles: ["rfc2", "p2"],
    change: repeat(RESTORE),
    at: ["here"],
  },
  {
    rule: "api-restore-before-bind",
    fault: "restore before the device is bound",
    of: [VM],
    change: delay(ioctl("BIND_IOMMUFD", { epoch: 2 }), RESTORE),
    at: ["LU_RESTORE"],
  },
  {
    rule: "api-mark-token-collision",
    fault: "a second HWPT is marked with the token of the first",
    of: [VM, TWO_DEVICES, STRICT_VM],
    change: after(MARK, markSecond),
    at: ["here"],
  },
  {
    rule: "api-mark-nonpaging",
    fault: "the id of the IOAS is marked, not that of the HWPT",
    of: [CLEAN],
    change: before(MARK, (scene) => {
      scene.ioctl(scene.iommufd(), MARK_OP, { hwpt_id: scene.id("IOAS"), hwpt_token: 5n });
    }),
    at: ["here"],
  },
  {
    rule: "api-map-restored-hwpt",
    fault: "MAP_FILE names the restored HWPT",
    of: [CLEAN],
    change: after(RESTORE, (scene) => {
      scene.mapFile(scene.iommufd(), scene.id("HWPT_PAGING", true), scene.held("memfd").fd);
    }),
    at: ["here"],
  },
  {
    rule: "api-use-after-destroy",
    fault: "DESTROY twice",
    of: [CLEAN],
    change: repeat(ioctl("IOMMU_DESTROY")),
    at: ["here"],
  },
  {
    rule: "api-id-reused-across-kexec",
    fault: "the id of the old HWPT is used after the kexec",
    of: [VM],
    change: before(RESTORE, (scene) => {
      scene.ioctl(scene.held("vfio_device"), "VFIO_DEVICE_ATTACH_IOMMUFD_PT", { pt_id: 3 });
    }),
    at: ["here"],
  },
  {
    rule: "api-auto-domain-for-liveupdate",
    fault: "the device is attached to the IOAS, not to its HWPT",
    of: [VM],
    profiles: ["rfc2"],
    change: alter(ioctl("ATTACH_IOMMUFD_PT", { epoch: 1 }), (scene) => ({
      in: { pt_id: scene.id("IOAS") },
    })),
    at: ["PRESERVE_FD"],
    also: {
      "cmp-hwpt-not-marked": "nobody can mark a page table that an attach made",
      "cmp-domain-without-device": "the HWPT that is marked has no device",
    },
  },
  {
    rule: "api-auto-domain-for-liveupdate",
    fault: "the replacement is an attach to the IOAS",
    of: [VM],
    change: alter(REPLACE, (scene) => ({ in: { pt_id: scene.id("IOAS") } })),
    at: ["here"],
  },
  {
    rule: "api-wrong-number-for-profile",
    fault: "a HWPT is marked in a kernel without that command",
    of: [silent("api-destroy-in-use"), silent("api-use-after-destroy")],
    change: after(ioctl("HWPT_ALLOC"), (scene) => {
      const hwpt_id = scene.id("HWPT_PAGING");
      scene.ioctl(scene.iommufd(), MARK_OP, { hwpt_id, hwpt_token: 1n }, "ENOENT");
    }),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "api-mark-never-preserved",
    fault: "nobody creates a session for a VM whose HWPT is marked",
    of: [VM, TWO_DEVICES, STRICT_VM],
    change: drop(ioctl("CREATE_SESSION")),
    at: ["reboot"],
  },
];
