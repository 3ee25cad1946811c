import { domainName, type RestoredHwptView } from "../domains.js";
import { deviceName } from "../names.js";
import { defineRule } from "../rule.js";
import { pciOf } from "../subjects.js";

export const immAttachNewDevice = defineRule({
  id: "imm-attach-new-device-to-restored-domain",
  family: "immutability",
  severity: "error",
  profiles: ["seed", "p2"],
  summary: "Only the devices a domain was preserved for translate through it.",
  sources: ["the seed mail, A7: the handle can be destroyed after a replace, nothing else"],
  messages: {
    attached: "{device} was attached to {domain}, which was not preserved for it",
  },

  create(context) {
    return {
      on: {
        device_attached({ device, hwpt }, step, view) {
          if (hwpt.type !== "HWPT_PAGING" || hwpt.origin !== "restored") return;
          const { domain } = hwpt as RestoredHwptView;
          if (domain.devices.has(device.hardware)) return;
          const name = deviceName(pciOf(view, device.hardware)?.name ?? device.hardware.name);
          context.report({
            message: "attached",
            seq: step.event.seq,
            objects: [name, domainName(domain)],
            witness: [domain.table.serialized_seq],
            data: { device: name, domain: domainName(domain) },
          });
        },
      },
    };
  },
});
