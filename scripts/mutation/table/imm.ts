/** Faults of immutability: something changes what must stay as it is. */

import { after, alter, before, delay, drop, stop } from "../change.js";
import {
  CLEAN,
  MEMORIES,
  MEMORY,
  type Mutation,
  silent,
  TWO_DEVICES,
  TWO_TABLES,
  VM,
} from "../mutation.js";
import { FREE_IOVA, MIB, type Scene } from "../scene.js";
import { event, ioctl, marker } from "../select.js";

/** MFD_ALLOW_SEALING and MFD_NOEXEC_SEAL. */
const MFD_NOEXEC_SEAL = 0xa;
const LAST_PRESERVE = ioctl("PRESERVE_FD", { about: "vfio_device" });
const PRESERVED = [VM, "scenarios/S57-kernel-driver-refused"];

function punch(scene: Scene): void {
  const memfd = scene.held("memfd");
  const range = { mode: 3, offset: 0n, length: MIB };
  scene.add({ type: "fallocate", ...memfd, ...range, ret: 0 });
}

export const IMM: readonly Mutation[] = [
  {
    rule: "imm-map-on-preserved-ioas",
    fault: "the kernel maps into the IOAS of a preserved page table",
    of: [CLEAN],
    change: stop(
      after(LAST_PRESERVE, (scene) => {
        const memfd = scene.held("memfd").fd;
        scene.mapFile(scene.iommufd(), scene.id("IOAS"), memfd, FREE_IOVA, "ok");
      }),
    ),
    at: ["here"],
  },
  {
    rule: "imm-unmap-on-preserved-ioas",
    fault: "the kernel unmaps from the IOAS of a preserved page table",
    of: [CLEAN],
    change: stop(
      after(LAST_PRESERVE, (scene) => {
        const args = { ioas_id: scene.id("IOAS"), iova: 0n, length: 0x4000_0000n };
        scene.ioctl(scene.iommufd(), "IOMMU_IOAS_UNMAP", args, "ok");
      }),
    ),
    at: ["here"],
  },
  {
    rule: "imm-mutate-restored-domain",
    fault: "a map on the restored HWPT takes effect",
    of: [CLEAN],
    change: after(ioctl("LU_RESTORE"), (scene) => {
      const restored = scene.id("HWPT_PAGING", true);
      scene.mapFile(scene.iommufd(), restored, scene.held("memfd").fd, FREE_IOVA, "ok");
      scene.dma(scene.anyDevice(), FREE_IOVA, "ok");
    }),
    at: ["here"],
    also: { "api-map-restored-hwpt": "the map that the kernel let through is the cause" },
  },
  {
    rule: "imm-attach-new-device-to-restored-domain",
    fault: "a device is attached to the restored domain of another one",
    of: [TWO_TABLES],
    change: stop(
      before(ioctl("ATTACH_IOMMUFD_PT", { epoch: 2, replaces: true }), (scene) => {
        const pt_id = scene.ids("HWPT_PAGING", true).at(-1) ?? 0;
        const cdev = scene.held("vfio_device");
        scene.ioctl(cdev, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", { pt_id }, "ok");
      }),
    ),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "imm-replace-with-restored",
    fault: "a device goes back to the restored domain that it left",
    of: [CLEAN],
    change: stop(
      after(ioctl("ATTACH_IOMMUFD_PT", { epoch: 2, replaces: true }), (scene) => {
        const pt_id = scene.id("HWPT_PAGING", true);
        const cdev = scene.held("vfio_device");
        scene.ioctl(cdev, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", { pt_id }, "ok");
      }),
    ),
    at: ["here"],
  },
  {
    rule: "imm-device-attachment-changed-after-preserve",
    fault: "the kernel detaches a preserved device",
    of: PRESERVED,
    change: stop(
      after(LAST_PRESERVE, (scene) => {
        scene.ioctl(scene.held("vfio_device"), "VFIO_DEVICE_DETACH_IOMMUFD_PT", {}, "ok");
      }),
    ),
    at: ["here"],
  },
  {
    rule: "imm-destroy-preserved-hwpt",
    fault: "the kernel destroys a preserved page table",
    of: [silent("imm-destroy-preserved-hwpt")],
    change: stop(
      after(ioctl("PRESERVE_FD", { about: "iommufd" }), (scene) => {
        scene.ioctl(scene.iommufd(), "IOMMU_DESTROY", { id: scene.id("HWPT_PAGING") }, "ok");
      }),
    ),
    at: ["here"],
  },
  {
    rule: "imm-memfd-size-changed-while-preserved",
    fault: "the kernel changes the size of a preserved memfd",
    of: [CLEAN],
    change: stop(
      after(ioctl("PRESERVE_FD", { about: "memfd" }), (scene) => {
        scene.add({ type: "ftruncate", ...scene.held("memfd"), length: 0x8000_0000n, ret: 0 });
      }),
    ),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "imm-seals-added-after-preserve",
    fault: "the seals come after the preserve",
    of: [MEMORIES],
    change: delay(event("fcntl"), ioctl("PRESERVE_FD", { about: "memfd" })),
    at: ["here"],
  },
  {
    rule: "imm-seals-added-after-preserve",
    fault: "a preserved memfd gets more seals",
    of: [MEMORY],
    change: after(ioctl("PRESERVE_FD", { about: "memfd" }), (scene) => {
      scene.add({ type: "fcntl", ...scene.held("memfd"), cmd: "F_ADD_SEALS", arg: 6 });
    }),
    at: ["here"],
  },
  {
    rule: "imm-punch-retrieved-memfd-under-restored-domain",
    fault: "memory is punched before a new page table pins it",
    of: [VM, TWO_DEVICES],
    change: after(ioctl("RETRIEVE_FD", { token: 1n }), punch),
    at: ["here"],
  },
  {
    rule: "imm-guest-memfd-fault-while-frozen",
    fault: "the vCPUs run on while their memory is frozen",
    of: [silent("imm-guest-memfd-fault-while-frozen")],
    change: drop(marker("vcpus_paused")),
    at: ["guest_memfd_fault"],
  },
  {
    rule: "imm-device-left-preserved-hwpt",
    fault: "the device leaves its preserved page table before it is preserved itself",
    of: [silent("imm-device-left-preserved-hwpt")],
    change: drop(ioctl("ATTACH_IOMMUFD_PT")),
    nth: 1,
    at: ["reboot"],
  },
  {
    rule: "imm-seals-grow-across-kexec",
    fault: "the memory is made without execute permission, which grows into more seals",
    of: [silent("imm-seals-grow-across-kexec"), MEMORIES],
    change: alter(event("memfd_create"), { flags: MFD_NOEXEC_SEAL }),
    at: ["reboot"],
  },
  {
    rule: "imm-destroy-preserved-hwpt",
    fault: "the kernel destroys a preserved page table that a device uses",
    of: [VM, TWO_DEVICES, TWO_TABLES, "scenarios/S57-kernel-driver-refused"],
    change: stop(
      after(ioctl("PRESERVE_FD", { about: "iommufd" }), (scene) => {
        scene.ioctl(scene.iommufd(), "IOMMU_DESTROY", { id: scene.id("HWPT_PAGING") }, "ok");
      }),
    ),
    at: ["here"],
  },
  {
    rule: "imm-device-left-preserved-hwpt",
    fault: "the device is detached between the preserve of its iommufd and its own",
    of: [VM, "scenarios/S57-kernel-driver-refused"],
    change: before(LAST_PRESERVE, (scene) => {
      scene.ioctl(scene.held("vfio_device"), "VFIO_DEVICE_DETACH_IOMMUFD_PT");
    }),
    at: ["reboot"],
  },
];
