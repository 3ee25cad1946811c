import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { deviceName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { deviceAt } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const immDeviceAttachmentChanged = defineRule({
  id: "imm-device-attachment-changed-after-preserve",
  family: "immutability",
  severity: "error",
  severity_in: { rfc2: "warning", p1v1: "warning" },
  profiles: DOMAIN_PROFILES,
  summary: "A preserved device stays on its page table until the machine jumps.",
  sources: ["drivers/iommu/iommufd/device.c (IOMMU live update v4, v5): EBUSY"],
  messages: {
    changed: "{op} changed the attachment of {device}, which is preserved",
  },

  create(context) {
    /** When each device was preserved. */
    const preserved = new WeakMap<object, number>();

    function look(event: IoctlEvent, step: StepView, view: MachineView): void {
      if (!succeeded(step) || !hasEffect(step)) return;
      const device = deviceAt(view, event);
      if (device?.preserved_as === undefined) return;
      const name = deviceName(device.name);
      context.report({
        message: "changed",
        seq: event.seq,
        objects: [name],
        witness: [preserved.get(device)],
        data: { op: event.op, device: name },
      });
    }

    return {
      on: {
        device_preserved({ device }, step) {
          preserved.set(device, step.event.seq);
        },
      },
      ioctl: {
        VFIO_DEVICE_ATTACH_IOMMUFD_PT: look,
        VFIO_DEVICE_DETACH_IOMMUFD_PT: look,
      },
    };
  },
});

/** Something moved, or the model forbids it; a DETACH of what is not attached changes nothing. */
function hasEffect({ outcome, transitions }: StepView): boolean {
  if (outcome.errno !== undefined) return true;
  return transitions.some(({ kind }) => kind === "device_attached" || kind === "device_detached");
}
