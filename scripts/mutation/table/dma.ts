/** Faults that a transfer of a device shows. */

import { after, answer, before, delay, drop, observe, stop } from "../change.js";
import {
  CANCELLED,
  CLEAN,
  type Mutation,
  REAPED,
  silent,
  TWO_DEVICES,
  TWO_TABLES,
  VM,
} from "../mutation.js";
import { FREE_IOVA } from "../scene.js";
import { BOOT, event, ioctl, KEXEC, type Selector } from "../select.js";

const REPLACE = ioctl("ATTACH_IOMMUFD_PT", { epoch: 2, replaces: true });
const MAP_AGAIN = ioctl("IOAS_MAP_FILE", { epoch: 2 });
const STRICT_VM = "scenarios/S57-kernel-driver-refused";
const UNDECIDED = { nth: 0, at: ["here"] } as const;

/** A transfer that the IOMMU refused. */
const FAULT: Selector = ({ event: one }) => one.type === "dma" && one.observed === "fault";

export const DMA: readonly Mutation[] = [
  {
    rule: "dma-unmapped-iova",
    fault: "a device reaches memory where nothing is mapped",
    of: [CLEAN],
    change: after(event("dma", { epoch: 1 }), (scene) => {
      scene.dma(scene.anyDevice(), FREE_IOVA, "ok");
    }),
    ...UNDECIDED,
  },
  {
    rule: "dma-lost-translation",
    fault: "the first transfer after the kexec faults",
    of: [VM],
    change: observe(event("dma", { epoch: 2 }), { observed: "fault" }),
    ...UNDECIDED,
  },
  {
    rule: "dma-translation-changed-across-kexec",
    fault: "after the kexec the device finds other memory at the same IOVA",
    of: [silent("dma-translation-changed-across-kexec")],
    change: observe(event("dma", { epoch: 2 }), { physical: 0x91_2080n }),
    ...UNDECIDED,
  },
  {
    rule: "dma-write-readonly-mapping",
    fault: "a device writes where the mapping has no WRITEABLE",
    of: ["scenarios/S90-dma-writes-read-only-faults"],
    change: observe(FAULT, { observed: "ok" }),
    at: ["here"],
  },
  {
    rule: "dma-after-detach",
    fault: "a device reaches memory after its detach",
    of: REAPED,
    change: after(ioctl("DETACH_IOMMUFD_PT"), (scene) => {
      scene.dma(scene.anyDevice(), 0x1000n, "ok");
    }),
    at: ["here"],
  },
  {
    rule: "dma-after-destroy",
    fault: "a device reaches what only a destroyed page table mapped",
    of: [silent("dma-after-destroy")],
    change: stop(
      before(ioctl("ATTACH_IOMMUFD_PT"), (scene) => {
        const context = scene.iommufd();
        const { out_ioas_id } = scene.ioctl(context, "IOMMU_IOAS_ALLOC", {});
        const args = { dev_id: scene.id("DEVICE"), pt_id: Number(out_ioas_id) };
        const { out_hwpt_id } = scene.ioctl(context, "IOMMU_HWPT_ALLOC", args);
        const cdev = scene.held("vfio_device");
        const pt_id = Number(out_hwpt_id);
        scene.ioctl(cdev, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", { pt_id });
        scene.ioctl(context, "IOMMU_DESTROY", { id: scene.ids("HWPT_PAGING")[0] ?? 0 });
        scene.dma(scene.anyDevice(), 0x1000n, "ok");
      }),
    ),
    nth: 1,
    at: ["here"],
  },
  {
    rule: "dma-unpreserved-device-in-blackout",
    fault: "a device that does not cross goes on between the kernels",
    of: [silent("dma-unpreserved-device-in-blackout")],
    change: delay(event("driver_bind"), event("dma", { epoch: 2 })),
    at: ["dma"],
  },
  {
    rule: "dma-unpreserved-device-in-blackout",
    fault: "a device that nobody preserved writes before a driver has it",
    of: [VM, TWO_DEVICES, STRICT_VM],
    change: after(BOOT, (scene) => scene.dma("0000:7f:00.0", 0x5000n, "ok")),
    at: ["here"],
  },
  {
    rule: "dma-to-reused-page",
    fault: "a device writes to memory that was not preserved",
    of: [VM],
    profiles: ["rfc2"],
    change: drop(ioctl("PRESERVE_FD", { about: "memfd" })),
    at: ["dma"],
    also: { "cmp-mapped-memory-not-preserved": "this is the cause; the transfer its symptom" },
  },
  {
    rule: "dma-replacement-hole",
    fault: "the new page table is attached before anything is mapped",
    of: [VM, TWO_DEVICES],
    change: drop(MAP_AGAIN),
    at: ["ATTACH_IOMMUFD_PT"],
  },
  {
    rule: "dma-replaced-too-early",
    fault: "the memory is mapped after the replacement",
    of: [CLEAN],
    change: delay(MAP_AGAIN, REPLACE),
    at: ["here"],
    also: { "dma-replacement-hole": "until then the device reaches nothing" },
  },
  {
    rule: "dma-during-vfio-freeze",
    fault: "a device that was frozen goes on",
    of: [STRICT_VM],
    change: after(KEXEC, (scene) => scene.dma(scene.anyDevice(), 0x1000n, "ok")),
    at: ["here"],
  },
  {
    rule: "dma-by-vf-preserved",
    fault: "the kernel preserves a virtual function",
    of: ["scenarios/S64-virtual-function"],
    change: answer(ioctl("PRESERVE_FD", { about: "vfio_device" }), "ok"),
    at: ["here"],
  },
  {
    rule: "dma-requester-id-changed",
    fault: "the device has another PCI address after the kexec",
    of: [VM, STRICT_VM],
    change: stop(
      after(BOOT, (scene) => {
        const device = { bdf: "0000:44:00.0", group: 12, driver: "vfio-pci", cdev: "vfio0" };
        const facts = { page_size: 4096, iommu: "intel", devices: [device] };
        scene.add({ type: "machine", facts });
      }),
    ),
    at: ["here"],
  },
  {
    rule: "dma-between-pause-and-resume",
    fault: "the device writes while the vCPUs are paused",
    of: [CANCELLED],
    change: before(event("dma"), (scene) => scene.add({ type: "marker", what: "vcpus_paused" })),
    nth: 0,
    at: ["dma"],
  },
  {
    rule: "dma-lost-translation",
    fault: "a transfer faults right after the boot, where it went through before",
    of: [VM, TWO_DEVICES, TWO_TABLES, ...REAPED],
    change: after(BOOT, (scene) => scene.dma(scene.anyDevice(), 0x2000n, "fault")),
    at: ["here"],
  },
  {
    rule: "dma-to-reused-page",
    fault: "the device writes to a page that was punched out under its restored domain",
    of: [VM, TWO_DEVICES],
    profiles: ["rfc2", "p2"],
    change: after(ioctl("RETRIEVE_FD", { token: 1n }), (scene) => {
      const range = { mode: 3, offset: 0n, length: 0x10_0000n };
      scene.add({ type: "fallocate", ...scene.held("memfd"), ...range });
      scene.dma(scene.anyDevice(), 0x1000n, "ok");
    }),
    at: ["here"],
    also: { "imm-punch-retrieved-memfd-under-restored-domain": "this is the cause" },
  },
];
