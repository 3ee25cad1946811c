import type { IoctlEvent } from "../../engine/event/index.js";
import { refusedWith } from "../answer.js";
import { ID_FIELDS } from "../id-fields.js";
import { iommufdName, plainName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { type ContextView, contextAt, numberField, objectOf } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const apiIdReusedAcrossKexec = defineRule({
  id: "api-id-reused-across-kexec",
  family: "iommufd-api",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "Object ids are learnt anew after a kexec: they are not handed over.",
  sources: [
    "J. Gunthorpe, 2025-09-30 13:59Z: ids cannot be ABI",
    "the seed mail, A4: the restore call tells the id",
  ],
  messages: {
    stale: "{op} uses id {id} on {iommufd}, where nothing has it; it was known before the kexec",
  },

  create(context) {
    /** Ids that were given out since the iommufd came back. */
    const given = new WeakMap<ContextView, Set<number>>();

    function look(event: IoctlEvent, step: StepView, view: MachineView): void {
      if (!refusedWith(step, "ENOENT")) return;
      const iommufd = contextAt(view, event);
      const before = objectOf(iommufd?.retrieved_as?.source, "iommufd");
      if (iommufd === undefined || before === undefined) return;
      for (const field of ID_FIELDS[event.op] ?? []) {
        const id = numberField(event, field);
        if (given.get(iommufd)?.has(id) === true || before.find(id) === undefined) continue;
        context.report({
          message: "stale",
          seq: event.seq,
          objects: [iommufdName(iommufd), { ...plainName("id", String(id)), stable: "id" }],
          data: { op: event.op, id, iommufd: iommufdName(iommufd) },
        });
      }
    }

    return {
      on: {
        object_created({ context: iommufd, object }) {
          if (iommufd.retrieved_as === undefined) return;
          const ids = given.get(iommufd) ?? new Set<number>();
          given.set(iommufd, ids.add(object.id));
        },
      },
      refused: Object.fromEntries(Object.keys(ID_FIELDS).map((op) => [op, look])),
    };
  },
});
