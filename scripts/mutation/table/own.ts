/** Faults of ownership: who may have a device, a domain, a session. */

import { after, answer, around, before, drop, instead, stop } from "../change.js";
import { CLEAN, type Mutation, REAPED, silent, TWO_DEVICES, VM } from "../mutation.js";
import type { Scene } from "../scene.js";
import { BOOT, ioctl } from "../select.js";

const FINISH = "LIVEUPDATE_SESSION_FINISH";
const EARLY_FINISH = "the kernel finishes the session while the domain still translates";

function finishAndFault(scene: Scene): void {
  scene.dma(scene.anyDevice(), 0x2000n, "ok");
  scene.ioctl(scene.session(), FINISH, {}, "ok");
  scene.dma(scene.anyDevice(), 0x2000n, "fault");
}

function bindDriver(driver: string): (scene: Scene) => void {
  return (scene) => {
    scene.add({ type: "driver_bind", device: scene.anyDevice(), driver, ret: 0 });
  };
}

export const OWN: readonly Mutation[] = [
  {
    rule: "own-foreign-bind-preserved-device",
    fault: "the device that arrived is bound to a fresh iommufd, and the kernel lets it",
    of: [CLEAN],
    change: stop(
      instead(ioctl("BIND_IOMMUFD", { epoch: 2 }), (scene) => {
        const cdev = scene.held("vfio_device");
        const iommufd = scene.open(cdev.pid, "/dev/iommu").fd;
        scene.ioctl(cdev, "VFIO_DEVICE_BIND_IOMMUFD", { iommufd }, "ok");
      }),
    ),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "own-kernel-driver-on-preserved-device",
    fault: "a kernel driver gets the device before anybody claimed it",
    of: [VM, TWO_DEVICES, "scenarios/S57-kernel-driver-refused"],
    change: stop(after(BOOT, bindDriver("nvme"))),
    at: ["here"],
  },
  {
    rule: "own-legacy-open-preserved-device",
    fault: "the kernel lets another process open the device's node before RETRIEVE_FD",
    of: [VM, TWO_DEVICES, "scenarios/S57-kernel-driver-refused"],
    change: stop(
      after(BOOT, (scene) => {
        scene.open(scene.start("other"), "/dev/vfio/devices/vfio0", "ok");
      }),
    ),
    at: ["here"],
  },
  {
    rule: "own-two-claimants-one-session",
    fault: "the manager gives the session to a second VMM while the first one lives",
    of: [VM, TWO_DEVICES],
    change: after(ioctl("RETRIEVE_FD", { token: 1n }), (scene) => {
      const manager = scene.pidOf("manager");
      const session = scene.heldBy(manager, "luo_session");
      const second = scene.spawnWith(manager, "vmm", session);
      scene.ioctl(second, "LIVEUPDATE_SESSION_RETRIEVE_FD", { fd: -1, token: 1n });
    }),
    at: ["here"],
  },
  {
    rule: "own-domain-freed-without-owner",
    fault: "the domain is gone after FINISH, and nobody had claimed it",
    of: [VM, TWO_DEVICES],
    change: stop(before(ioctl("RETRIEVE_FD", { token: 2n }), finishAndFault)),
    at: ["here"],
    also: {
      "ses-finish-before-replace": EARLY_FINISH,
      "leak-file-not-retrieved-at-finish": "and the files that nobody had retrieved are gone",
      "own-finish-touched-domain": "in the agreed model FINISH itself is what must not do this",
    },
  },
  {
    rule: "own-finish-touched-domain",
    fault: "the device reaches memory before FINISH and not after it",
    of: [VM, TWO_DEVICES],
    change: stop(before(ioctl("BIND_IOMMUFD", { epoch: 2 }), finishAndFault)),
    nth: 0,
    at: ["here"],
    also: { "ses-finish-before-replace": EARLY_FINISH },
  },
  {
    rule: "own-release-while-dma-active",
    fault: "the reaper lets the group of a running device go",
    of: REAPED,
    change: around(
      ioctl(FINISH, { role: "reaper" }),
      (scene) => {
        scene.add({ type: "bus_master", device: scene.anyDevice(), enabled: true });
      },
      (scene) => scene.dma(scene.anyDevice(), 0x2000n, "ok"),
    ),
    at: ["here"],
    also: {
      "dma-after-detach": "the transfer goes through a domain that was detached",
      "dma-after-destroy": "and whose page table was destroyed",
    },
  },
  {
    rule: "own-shared-group-partial-preserve",
    fault: "forget PRESERVE_FD of the other function of the group",
    of: [silent("own-shared-group-partial-preserve")],
    change: drop(ioctl("PRESERVE_FD", { about: "vfio_device" })),
    nth: 1,
    at: ["reboot"],
    also: { "cmp-device-not-preserved": "the forgotten function uses the page table that crosses" },
  },
  {
    rule: "own-device-session-mismatch",
    fault: "the kernel takes the device into another session than its iommufd",
    of: ["scenarios/S66-device-in-another-session"],
    change: answer(ioctl("PRESERVE_FD", { about: "vfio_device" }), "ok"),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "own-reaper-before-owner-exit",
    fault: "a reaper finishes the session while the VMM lives",
    of: [VM, TWO_DEVICES],
    change: before(ioctl(FINISH), (scene) => {
      const manager = scene.pidOf("manager");
      const session = scene.heldBy(manager, "luo_session");
      scene.ioctl(scene.spawnWith(manager, "reaper", session), FINISH);
    }),
    at: ["here"],
  },
  {
    rule: "own-driver-switch-across-kexec",
    fault: "another VFIO driver gets the device after the kexec",
    of: [VM, TWO_DEVICES, "scenarios/S57-kernel-driver-refused"],
    change: stop(around(BOOT, bindDriver("vfio-pci"), bindDriver("mlx5-vfio-pci"))),
    at: ["here"],
  },
  {
    rule: "own-device-session-mismatch",
    fault: "the device goes into a session of its own, and the kernel takes it",
    of: [VM, TWO_DEVICES, "scenarios/S57-kernel-driver-refused"],
    change: stop(
      instead(ioctl("PRESERVE_FD", { about: "vfio_device" }), (scene) => {
        const cdev = scene.held("vfio_device");
        const session = scene.pass(scene.createSession("devices"), cdev.pid);
        const args = { fd: cdev.fd, token: 3n };
        scene.ioctl(session, "LIVEUPDATE_SESSION_PRESERVE_FD", args, "ok");
      }),
    ),
    nth: 0,
    at: ["here"],
  },
];
