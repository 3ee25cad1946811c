import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { deviceName } from "../names.js";
import { defineRule } from "../rule.js";
import { deviceAt, fileAt, numberField, objectOf, type PciDeviceView } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

/** VFIO_DEVICE_ATTACH_PASID and VFIO_DEVICE_DETACH_PASID. */
const FLAG_PASID = 1;

export const cmpPasidAttachedAtPreserve = defineRule({
  id: "cmp-pasid-attached-at-preserve",
  family: "completeness",
  severity: "error",
  profiles: ["p1v5", "p2"],
  summary: "A device is preserved only without PASIDs attached.",
  sources: ["iommufd_device_preserve (IOMMU live update v5): EOPNOTSUPP"],
  messages: {
    attached: "{device} is preserved and has PASID {pasid} attached, which does not cross",
  },

  create(context) {
    // The units of the model take no PASIDs, so what the calls say is kept here.
    const attached = new Map<PciDeviceView, Map<number, number>>();

    function report(device: PciDeviceView, seq: number): void {
      for (const [pasid, since] of attached.get(device) ?? []) {
        const name = deviceName(device.name);
        context.report({
          message: "attached",
          seq,
          objects: [name],
          witness: [since],
          data: { device: name, pasid },
        });
      }
    }

    /** The device and the PASID of a call that took effect on one. */
    function target(event: IoctlEvent, step: StepView, view: MachineView) {
      if ((numberField(event, "flags") & FLAG_PASID) === 0 || !succeeded(step)) return undefined;
      const device = deviceAt(view, event);
      return device === undefined ? undefined : { device, pasid: numberField(event, "pasid") };
    }

    return {
      on: {
        device_unbound({ device }) {
          for (const known of attached.keys()) {
            if (known.hardware === device.hardware) attached.delete(known);
          }
        },
        kernel_booted() {
          attached.clear();
        },
      },
      ioctl: {
        VFIO_DEVICE_ATTACH_IOMMUFD_PT(event, step, view) {
          const found = target(event, step, view);
          if (found === undefined) return;
          const { device, pasid } = found;
          const pasids = attached.get(device) ?? new Map<number, number>();
          attached.set(device, pasids.set(pasid, event.seq));
          if (device.preserved_as !== undefined) report(device, event.seq);
        },
        VFIO_DEVICE_DETACH_IOMMUFD_PT(event, step, view) {
          const found = target(event, step, view);
          if (found !== undefined) attached.get(found.device)?.delete(found.pasid);
        },
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const file = fileAt(view, event.pid, numberField(event, "fd"));
          const device = objectOf(file, "vfio_device")?.device;
          if (device !== undefined && succeeded(step)) report(device, event.seq);
        },
      },
    };
  },
});
