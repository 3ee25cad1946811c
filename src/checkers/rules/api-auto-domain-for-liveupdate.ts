import { deviceName, objectName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { pciOf } from "../subjects.js";

export const apiAutoDomain = defineRule({
  id: "api-auto-domain-for-liveupdate",
  family: "iommufd-api",
  severity: "warning",
  profiles: DOMAIN_PROFILES,
  summary: "A device that crosses is attached to a HWPT, not to an IOAS.",
  sources: ["J. Gunthorpe, 2025-10-02 13:41Z; S. Khawaja agreed"],
  messages: {
    preserved: "{device} is preserved on {hwpt}, which an attach to an IOAS made, not HWPT_ALLOC",
    restored:
      "{device}, which arrived, was attached to an IOAS, so to {hwpt}, which no HWPT_ALLOC made",
  },

  create(context) {
    return {
      on: {
        device_preserved({ device }, step) {
          const hwpt = device.hardware.group.attached.get(0)?.hwpt;
          if (hwpt?.type !== "HWPT_PAGING" || !hwpt.auto) return;
          const name = deviceName(device.name);
          context.report({
            message: "preserved",
            seq: step.event.seq,
            objects: [name],
            data: { device: name, hwpt: objectName(hwpt) },
          });
        },
        device_attached({ device, hwpt }, step, view) {
          const pci = pciOf(view, device.hardware);
          if (pci?.arrived_as === undefined || hwpt.type !== "HWPT_PAGING" || !hwpt.auto) return;
          const name = deviceName(pci.name);
          context.report({
            message: "restored",
            seq: step.event.seq,
            objects: [name],
            witness: [pci.arrived_as.preserved_seq],
            data: { device: name, hwpt: objectName(hwpt) },
          });
        },
      },
    };
  },
});
