import { hex, iommufdName, plainName } from "../names.js";
import { defineRule } from "../rule.js";
import { contextAt, u64Field } from "../subjects.js";

export const apiRestoreBeforeBind = defineRule({
  id: "api-restore-before-bind",
  family: "iommufd-api",
  severity: "warning",
  profiles: ["rfc2"],
  summary: "The devices of a HWPT are bound before it is restored.",
  sources: ["comment on the uAPI of IOMMU live update RFC v2 (2025-12-02): ENODEV"],
  messages: {
    unbound: "token {token} of {iommufd} is restored while {device}, which used it, is not bound",
  },

  create(context) {
    return {
      ioctl: {
        IOMMU_HWPT_LU_RESTORE(event, _step, view) {
          const iommufd = contextAt(view, event);
          const token = u64Field(event, "hwpt_token");
          const domain = iommufd?.retrieved_as?.record.domains.find(
            (other) => other.token === token,
          );
          if (iommufd === undefined || domain === undefined) return;
          for (const [hardware, device] of domain.devices) {
            if (hardware.bound?.context === iommufd) continue;
            context.report({
              message: "unbound",
              seq: event.seq,
              objects: [iommufdName(iommufd), plainName("hwpt-token", hex(token))],
              data: { token: hex(token), iommufd: iommufdName(iommufd), device },
            });
            return;
          }
        },
      },
    };
  },
});
