import { preservedName } from "../domains.js";
import { objectName, sessionName } from "../names.js";
import { defineRule } from "../rule.js";

export const cmpDomainWithoutDevice = defineRule({
  id: "cmp-domain-without-device",
  family: "completeness",
  severity: "warning",
  profiles: ["rfc2", "p1v1", "p1v5", "p2"],
  summary: "A page table crosses with at least one device that uses it.",
  sources: ["a domain is restored through the record of a device only (IOMMU live update v5)"],
  messages: {
    alone: "{hwpt} crosses in {session} without a device: nothing will restore it",
  },

  create(context) {
    return {
      on: {
        domain_serialized({ domain, session, luo_file }, step) {
          if (domain.devices.size > 0) return;
          context.report({
            message: "alone",
            seq: step.event.seq,
            objects: [preservedName(domain)],
            about: [sessionName(session), objectName(domain.hwpt)],
            witness: [luo_file.preserved_seq],
            cause: step.event.seq,
            data: { hwpt: preservedName(domain), session: sessionName(session) },
          });
        },
      },
    };
  },
});
