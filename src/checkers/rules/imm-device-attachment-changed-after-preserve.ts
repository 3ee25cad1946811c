import type { IoctlEvent } from "../../engine/event/index.js";
import { acceptedAgainst, succeeded } from "../answer.js";
import { deviceName, objectName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { deviceAt, type PciDeviceView } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const immDeviceAttachmentChanged = defineRule({
  id: "imm-device-attachment-changed-after-preserve",
  family: "immutability",
  severity: "error",
  severity_in: { rfc2: "warning", p1v1: "warning" },
  profiles: DOMAIN_PROFILES,
  summary: "A preserved device stays on its page table until the machine jumps.",
  sources: [
    "drivers/iommu/iommufd/device.c (IOMMU live update v4, v5): EBUSY",
    "observed on a kernel with the series: a device preserved without a table may be attached",
  ],
  messages: {
    changed: "{op} changed the attachment of {device}, which is preserved",
    late: {
      text: "{device} was preserved without a page table: {hwpt} does not cross with it",
      severity: "warning",
    },
  },

  create(context) {
    /** When each device was preserved. */
    const preserved = new WeakMap<object, number>();

    function look(event: IoctlEvent, step: StepView, view: MachineView): void {
      if (!succeeded(step) || !hasEffect(step)) return;
      const caller = deviceAt(view, event);
      const device = caller && preservedIn(view, caller, step);
      if (device === undefined) return;
      const name = deviceName(device.name);
      const common = { seq: event.seq, objects: [name], witness: [preserved.get(device)] };
      if (device.preserved_as?.domain !== undefined) {
        context.report({ message: "changed", data: { op: event.op, device: name }, ...common });
        return;
      }
      // It crosses as it was, without a table; leaving one again changes nothing in that.
      const hwpt = device.hardware.group.attached.get(0)?.hwpt;
      if (hwpt === undefined) return;
      context.report({
        message: "late",
        data: { device: name, hwpt: objectName(hwpt) },
        ...common,
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

/** The device itself; or a preserved one of its group, which shares its table, where that moved. */
function preservedIn(
  view: MachineView,
  device: PciDeviceView,
  step: StepView,
): PciDeviceView | undefined {
  if (device.preserved_as !== undefined) return device;
  const { group } = device.hardware;
  const sibling = view.devices
    .entries()
    .find((other) => other.preserved_as?.domain !== undefined && other.hardware.group === group);
  if (sibling === undefined || acceptedAgainst(step, "EBUSY")) return sibling;
  const kept = sibling.preserved_as?.domain?.hwpt;
  return group.attached.get(0)?.hwpt === kept ? undefined : sibling;
}

/** Something moved, or the model forbids it; a DETACH of what is not attached changes nothing. */
function hasEffect({ outcome, transitions }: StepView): boolean {
  if (outcome.errno !== undefined) return true;
  return transitions.some(({ kind }) => kind === "device_attached" || kind === "device_detached");
}
