import { deviceName, objectName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { objectOf } from "../subjects.js";

export const cmpHwptNotMarked = defineRule({
  id: "cmp-hwpt-not-marked",
  family: "completeness",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "The page table that a crossing device uses is marked before its iommufd is preserved.",
  sources: [
    "J. Gunthorpe, 2025-09-30: user space labels each HWPT that is to cross",
    "IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE (IOMMU live update v5): others are left out",
  ],
  messages: {
    unmarked: "{hwpt}, which {device} uses, is not marked: its iommufd crosses without it",
  },

  create(context) {
    return {
      on: {
        serialized({ sessions }, step, view) {
          const crossing = new Map<object, number>();
          for (const session of sessions) {
            for (const { source, preserved_seq } of session.files.values()) {
              const iommufd = objectOf(source, "iommufd");
              if (iommufd !== undefined) crossing.set(iommufd, preserved_seq);
            }
          }
          if (crossing.size === 0) return;
          for (const device of view.devices.entries()) {
            const runs = device.preserved_as !== undefined || device.bus_master === true;
            if (!runs) continue;
            // Of its own requests and of each PASID.
            for (const { hwpt } of device.hardware.group.attached.values()) {
              const table = hwpt.type === "HWPT_NESTED" ? hwpt.parent : hwpt;
              const preserved = crossing.get(table.context);
              if (preserved === undefined || table.mark_token !== undefined) continue;
              const name = deviceName(device.name);
              context.report({
                message: "unmarked",
                seq: step.event.seq,
                objects: [objectName(table), name],
                witness: [preserved],
                cause: step.event.seq,
                data: { hwpt: objectName(table), device: name },
              });
            }
          }
        },
      },
    };
  },
});
