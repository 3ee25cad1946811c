import { refusedWith, succeeded } from "../answer.js";
import { hex, iommufdName, plainName } from "../names.js";
import { defineRule, RESTORE_PROFILES } from "../rule.js";
import { type ContextView, contextAt, u64Field } from "../subjects.js";

export const apiRestoreTwice = defineRule({
  id: "api-restore-twice",
  family: "iommufd-api",
  severity: "warning",
  profiles: RESTORE_PROFILES,
  summary: "A token stands for one HWPT, and whoever restored it keeps the id.",
  sources: [
    "the restore handler, IOMMU live update RFC v2 (2025-12-02)",
    "the seed mail, A4: the HWPT is there once its device is, restore only tells its id",
  ],
  messages: {
    refused:
      "token {token} of {iommufd} was restored before as HWPT {id}; its id is not told again",
    accepted: {
      text: "the kernel restored token {token} of {iommufd} as HWPT {now}, it was HWPT {id} before",
      severity: "error",
    },
  },

  create(context) {
    const by_itself = context.profiles.includes("seed");
    /** Restored tokens, by iommufd. */
    const restored = new WeakMap<ContextView, Map<bigint, { id: number; seq: number }>>();
    return {
      ioctl: {
        IOMMU_HWPT_LU_RESTORE(event, step, view) {
          const iommufd = contextAt(view, event);
          if (iommufd === undefined) return;
          const token = u64Field(event, "hwpt_token");
          const tokens = restored.get(iommufd) ?? new Map<bigint, { id: number; seq: number }>();
          restored.set(iommufd, tokens);
          const known = tokens.get(token);
          const id = Number(event.out?.["pt_id"] ?? step.outcome.out["pt_id"] ?? 0);
          const accepted = succeeded(step);
          if (known === undefined) {
            if (accepted) tokens.set(token, { id, seq: event.seq });
            return;
          }
          // Where the kernel made the HWPT by itself, asking again is no mistake.
          if (!accepted && by_itself) return;
          if (accepted ? id === known.id : !refusedWith(step, "ENOENT")) return;
          const common = {
            seq: event.seq,
            objects: [iommufdName(iommufd), plainName("hwpt-token", hex(token))],
            witness: [known.seq],
          };
          const data = { token: hex(token), iommufd: iommufdName(iommufd), id: known.id };
          if (accepted)
            context.report({ message: "accepted", data: { ...data, now: id }, ...common });
          else context.report({ message: "refused", data, ...common });
        },
      },
    };
  },
});
