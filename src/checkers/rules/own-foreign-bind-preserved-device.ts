import { acceptedAgainst } from "../answer.js";
import { deviceName, iommufdName, sessionName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { type ContextView, fileAt, type LuoFileView, numberField, objectOf } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const ownForeignBind = defineRule({
  id: "own-foreign-bind-preserved-device",
  family: "ownership",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "A device that arrived is bound to the iommufd that arrived with it, to no other.",
  sources: [
    "the seed mail; J. Gunthorpe, 2025-10-02 13:41Z: other claims must fail",
    "iommu_device_claim_dma_owner, drivers/iommu/iommu.c (IOMMU live update v5)",
  ],
  messages: {
    foreign: "{device} arrived in {session} and was bound to {iommufd}, which did not",
  },

  create(context) {
    return {
      ioctl: {
        VFIO_DEVICE_BIND_IOMMUFD(event, step, view) {
          const cdev = objectOf(fileAt(view, event.pid, event.fd), "vfio_device");
          const target = fileAt(view, event.pid, numberField(event, "iommufd"));
          const iommufd = objectOf(target, "iommufd");
          if (cdev === undefined || iommufd === undefined) return;
          const owner = ownerBefore(step, view, cdev.device.name);
          if (owner === undefined || isOwn(iommufd, owner)) return;
          const device = deviceName(cdev.device.name);
          context.report({
            message: "foreign",
            seq: event.seq,
            objects: [device],
            about: [sessionName(owner.session)],
            witness: [owner.preserved_seq],
            data: {
              device,
              session: sessionName(owner.session),
              iommufd: iommufdName(iommufd),
            },
          });
        },
      },
    };
  },
});

/** The iommufd the device's group was kept for, when the call took the group from it. */
function ownerBefore(step: StepView, view: MachineView, device: string): LuoFileView | undefined {
  for (const transition of step.transitions) {
    if (transition.kind !== "group_owner_changed") continue;
    const { before, after } = transition;
    if (before?.kind === "preserved" && after?.kind === "iommufd") return before.iommufd;
  }
  if (!acceptedAgainst(step, "EPERM")) return undefined;
  return view.devices.find(device)?.hardware.group.reserved_for;
}

function isOwn(iommufd: ContextView, owner: LuoFileView): boolean {
  return iommufd.retrieved_as === owner || owner.file?.object === iommufd;
}
