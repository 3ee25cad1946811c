/** Faults of completeness: something that belongs to what crosses does not cross. */

import { after, alter, answer, around, before, delay, drop, instead, stop } from "../change.js";
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
import type { Scene } from "../scene.js";
import { BOOT, event, ioctl, KEXEC } from "../select.js";

const STRICT_VM = "scenarios/S57-kernel-driver-refused";
const MARK = ioctl("LIVEUPDATE_MARK_PRESERVE");
const PRESERVE_IOMMUFD = ioctl("PRESERVE_FD", { about: "iommufd" });
const PRESERVE_MEMORY = ioctl("PRESERVE_FD", { about: "memfd" });
const PRESERVE_DEVICE = ioctl("PRESERVE_FD", { about: "vfio_device" });

const PRESERVE = "LIVEUPDATE_SESSION_PRESERVE_FD";

function jump(scene: Scene): void {
  const pid = scene.pidOf("manager");
  scene.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
  scene.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
}

/** One page of the device's BAR 0 as a dma-buf, mapped for the device. */
function mapBar(scene: Scene): void {
  const cdev = scene.held("vfio_device");
  const call = { type: "ioctl", ...cdev } as const;
  scene.add({
    ...{ ...call, op: "VFIO_DEVICE_GET_REGION_INFO", in: { argsz: 32, index: 0 }, ret: 0 },
    out: { flags: 7, size: 0x1000n },
  });
  const words = [0, 2, 0, 1, 0, 0, 0x1000, 0];
  const tail = new Uint8Array(new Uint32Array(words).buffer);
  const args = { argsz: 8 + tail.length, flags: (1 << 16) | 11 };
  const step = scene.add({ ...call, op: "VFIO_DEVICE_FEATURE", in: args, tail });
  const place = { start: 0n, length: 0x1000n, iova: 0x80_0000_0000n };
  const mapping = { flags: 7, ioas_id: scene.id("IOAS"), fd: Number(step.outcome.ret), ...place };
  scene.ioctl(scene.iommufd(), "IOMMU_IOAS_MAP_FILE", mapping);
}

export const CMP: readonly Mutation[] = [
  {
    rule: "cmp-mapped-memory-not-preserved",
    fault: "forget PRESERVE_FD of the memfd behind the page table, and the kernel does not ask",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    profiles: ["rfc2"],
    change: drop(ioctl("PRESERVE_FD", { about: "memfd" })),
    at: ["reboot"],
  },
  {
    rule: "cmp-anon-mapping-in-marked-hwpt",
    fault: "the kernel preserves a page table that maps anonymous memory",
    of: ["scenarios/S19-anonymous-memory"],
    change: answer(PRESERVE_IOMMUFD, "ok"),
    at: ["here"],
  },
  {
    rule: "cmp-anon-mapping-in-marked-hwpt",
    fault: "anonymous memory is mapped before the iommufd is preserved",
    of: [VM, TWO_DEVICES],
    profiles: ["rfc2"],
    change: before(PRESERVE_IOMMUFD, (scene) => {
      const { pid } = scene.iommufd();
      const [address, length] = [0x7e00_0000_0000n, 0x20_0000n];
      const memory = { addr: 0n, length, prot: 3, flags: 0x22, fd: -1, offset: 0n, address };
      scene.add({ type: "mmap", pid, ...memory });
      const place = { user_va: address, length, iova: 0x80_0000_0000n };
      const args = { flags: 7, ioas_id: scene.id("IOAS"), ...place };
      scene.ioctl(scene.iommufd(), "IOMMU_IOAS_MAP", args);
    }),
    at: ["PRESERVE_FD"],
    also: {
      "cmp-mapped-memory-not-preserved": "the anonymous pages do not cross",
      "dma-replacement-hole": "the next kernel has no memory to map in their place",
    },
  },
  {
    rule: "cmp-unsealed-at-map",
    fault: "forget to seal the memfd before it is mapped",
    of: [VM, TWO_DEVICES, TWO_TABLES, STRICT_VM],
    change: drop(event("fcntl", { epoch: 1 })),
    at: ["LIVEUPDATE_MARK_PRESERVE"],
  },
  {
    rule: "cmp-memfd-shrunk-between-map-and-preserve",
    fault: "the memfd is cut to half of what is mapped before it is preserved",
    of: [silent("cmp-memfd-shrunk-between-map-and-preserve")],
    change: alter(event("ftruncate"), { length: 0x8_0000n }),
    nth: 1,
    at: ["PRESERVE_FD"],
  },
  {
    rule: "cmp-memfd-not-in-same-session",
    fault: "the kernel takes an iommufd whose memory is in another session, and jumps",
    of: ["scenarios/S21-memory-in-another-session"],
    change: stop(
      instead(PRESERVE_IOMMUFD, (scene) => {
        const session = scene.held("luo_session", (one) => one.describe().includes("vm1"));
        const { pid, fd } = scene.iommufd();
        const { fd: theirs } = scene.heldBy(pid, "luo_session", session);
        scene.ioctl({ pid, fd: theirs }, PRESERVE, { fd, token: 2n }, "ok");
        jump(scene);
      }),
    ),
    at: ["reboot"],
    also: { "cmp-device-not-preserved": "the program jumps at once, without its device" },
  },
  {
    rule: "cmp-hwpt-not-marked",
    fault: "forget to mark the HWPT",
    of: [VM, TWO_DEVICES, STRICT_VM],
    change: drop(MARK),
    at: ["reboot"],
  },
  {
    rule: "cmp-marked-after-iommufd-preserve",
    fault: "the HWPT is marked after its iommufd is preserved",
    of: [VM, TWO_DEVICES],
    change: delay(MARK, PRESERVE_IOMMUFD),
    at: ["reboot"],
  },
  {
    rule: "cmp-device-not-preserved",
    fault: "forget PRESERVE_FD of a device",
    of: [VM, TWO_DEVICES, TWO_TABLES, STRICT_VM],
    change: drop(PRESERVE_DEVICE),
    at: ["reboot"],
    also: {
      "api-destroy-restored-before-replace":
        "without the first device the program makes no new page table for the second",
    },
  },
  {
    rule: "cmp-domain-without-device",
    fault: "the only device of a marked HWPT is not attached to it",
    of: [VM],
    change: drop(ioctl("ATTACH_IOMMUFD_PT", { epoch: 1 })),
    at: ["reboot"],
  },
  {
    rule: "cmp-vm-without-memory",
    fault: "forget PRESERVE_FD of a part of a VM's memory",
    of: [silent("cmp-vm-without-memory")],
    change: drop(ioctl("PRESERVE_FD")),
    at: ["reboot"],
  },
  {
    rule: "cmp-interrupts-enabled-at-freeze",
    fault: "forget to switch the device's interrupts off before the kexec",
    of: [silent("cmp-interrupts-enabled-at-freeze")],
    change: drop(ioctl("SET_IRQS")),
    nth: 1,
    at: ["reboot"],
  },
  {
    rule: "cmp-pasid-attached-at-preserve",
    fault: "the kernel preserves a device with a PASID attached",
    of: ["scenarios/S61-pasid-attached"],
    change: stop(answer(PRESERVE_DEVICE, "ok")),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "cmp-nested-not-preserved",
    fault: "the device stays on the guest's page table",
    of: ["scenarios/S60-nested-translation-left", silent("cmp-nested-not-preserved")],
    change: drop(ioctl("ATTACH_IOMMUFD_PT", { epoch: 1 })),
    nth: 3,
    at: ["reboot"],
  },
  {
    rule: "cmp-mmio-mapping",
    fault: "a page of a device's BAR is mapped into a page table that crosses",
    of: [silent("cmp-mmio-mapping")],
    change: before(ioctl("PRESERVE_FD", { about: "memfd" }), mapBar),
    at: ["reboot"],
    also: { "cmp-anon-mapping-in-marked-hwpt": "a BAR is no file's memory either" },
  },
  {
    rule: "cmp-image-without-kho",
    fault: "the image is loaded with kexec_load",
    of: [CLEAN],
    change: alter(event("kexec_load"), { how: "kexec_load" }),
    at: ["reboot"],
  },
  {
    rule: "cmp-image-without-kho",
    fault: "the next kernel runs without KHO",
    of: [CLEAN],
    change: alter(BOOT, { kho: false }),
    at: ["boot"],
  },
  {
    rule: "cmp-next-kernel-cannot-accept",
    fault: "the next kernel does not know the session's files",
    of: [VM, TWO_DEVICES, TWO_TABLES, MEMORY, MEMORIES, STRICT_VM],
    change: alter(BOOT, { missing_handlers: ["memfd-v2"] }),
    at: ["boot"],
  },
  {
    rule: "cmp-next-kernel-cannot-accept",
    fault: "the next kernel runs without live update",
    of: [VM, TWO_DEVICES, TWO_TABLES, MEMORY, MEMORIES, STRICT_VM],
    change: alter(BOOT, { liveupdate: false }),
    at: ["boot"],
  },
  {
    rule: "cmp-second-update-with-unfinished-session",
    fault: "the second update comes before the session of the first is retrieved",
    of: ["scenarios/X04-two-updates"],
    change: drop(ioctl("RETRIEVE_SESSION", { epoch: 2 })),
    at: ["reboot"],
    also: { "leak-session-never-retrieved": "the session of the first update is the cause" },
  },
  {
    rule: "cmp-memfd-shrunk-between-map-and-preserve",
    fault: "the kernel lets a sealed memfd shrink before it is preserved",
    of: [VM, TWO_DEVICES],
    change: stop(
      around(
        PRESERVE_MEMORY,
        (scene) => {
          scene.add({ type: "ftruncate", ...scene.held("memfd"), length: 0x1000n, ret: 0 });
        },
        (scene) => {
          const { pid, fd } = scene.iommufd();
          const session = scene.heldBy(pid, "luo_session");
          scene.ioctl(session, PRESERVE, { fd, token: 2n }, "ok");
        },
      ),
    ),
    at: ["here"],
  },
  {
    rule: "cmp-memfd-not-in-same-session",
    fault: "the memory goes into a session of its own, and the kernel takes the iommufd without it",
    of: [VM, STRICT_VM],
    change: stop(
      instead(PRESERVE_MEMORY, (scene) => {
        const { pid, fd } = scene.held("memfd");
        const own = scene.heldBy(pid, "luo_session");
        const other = scene.pass(scene.createSession("ram"), pid);
        scene.ioctl(other, PRESERVE, { fd, token: 1n });
        scene.ioctl(own, PRESERVE, { fd: scene.iommufd().fd, token: 2n }, "ok");
        scene.ioctl(own, PRESERVE, { fd: scene.held("vfio_device").fd, token: 3n });
        jump(scene);
      }),
    ),
    at: ["here"],
  },
  {
    rule: "cmp-interrupts-enabled-at-freeze",
    fault: "the device's interrupts are switched on before the kexec",
    of: [STRICT_VM],
    change: before(KEXEC, (scene) => {
      const cdev = scene.held("vfio_device");
      const eventfd = 90;
      const { pid } = cdev;
      scene.add({ type: "new_fds", pid, what: "eventfd", fds: [eventfd], ret: eventfd });
      const args = { argsz: 24, flags: 0x24, index: 1, start: 0, count: 1 };
      const tail = new Uint8Array(new Uint32Array([eventfd]).buffer);
      scene.add({ type: "ioctl", ...cdev, op: "VFIO_DEVICE_SET_IRQS", in: args, tail });
    }),
    at: ["reboot"],
  },
  {
    rule: "cmp-mmio-mapping",
    fault: "a page of a BAR is mapped before the memory is preserved",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    profiles: ["rfc2"],
    change: before(PRESERVE_MEMORY, mapBar),
    at: ["reboot"],
    also: { "cmp-anon-mapping-in-marked-hwpt": "a BAR is no file's memory either" },
  },
  {
    rule: "cmp-second-update-with-unfinished-session",
    fault: "the next update comes while the restored domain still translates",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: stop(after(ioctl("RETRIEVE_SESSION"), jump)),
    at: ["here"],
  },
];
