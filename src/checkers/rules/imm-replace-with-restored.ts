import { domainName, type RestoredDomainView, type RestoredHwptView } from "../domains.js";
import { deviceName } from "../names.js";
import { defineRule } from "../rule.js";
import { pciOf } from "../subjects.js";

export const immReplaceWithRestored = defineRule({
  id: "imm-replace-with-restored",
  family: "immutability",
  severity: "error",
  profiles: ["seed", "p2"],
  summary: "A device that left a restored domain does not go back to it.",
  sources: ["the seed mail, A5 and A7"],
  messages: {
    back: "{device} went back to {domain}, which it had left at event {left}",
  },

  create(context) {
    /** Where each group left a domain, by domain. */
    const left = new WeakMap<RestoredDomainView, Map<object, number>>();

    function leave(domain: RestoredDomainView, group: object, seq: number): void {
      const groups = left.get(domain) ?? new Map<object, number>();
      left.set(domain, groups);
      groups.set(group, seq);
    }

    return {
      on: {
        domain_replaced({ domain, group }, step) {
          leave(domain, group, step.event.seq);
        },
        device_attached({ device, hwpt }, step, view) {
          if (hwpt.type !== "HWPT_PAGING" || hwpt.origin !== "restored") return;
          const { domain } = hwpt as RestoredHwptView;
          const seq = left.get(domain)?.get(device.group);
          if (seq === undefined || seq === step.event.seq) return;
          const name = deviceName(pciOf(view, device.hardware)?.name ?? device.hardware.name);
          context.report({
            message: "back",
            seq: step.event.seq,
            objects: [name, domainName(domain)],
            witness: [seq],
            data: { device: name, domain: domainName(domain), left: seq },
          });
        },
      },
    };
  },
});
