import type { IoctlEvent } from "../../engine/event/index.js";
import { acceptedAgainst, refusedWith } from "../answer.js";
import { ID_FIELDS } from "../id-fields.js";
import { idName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { type ContextView, contextAt, numberField } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

interface Destroyed {
  readonly type: string;
  readonly seq: number;
}

export const apiUseAfterDestroy = defineRule({
  id: "api-use-after-destroy",
  family: "iommufd-api",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "The id of a destroyed object is not used until it names another one.",
  sources: ["iommufd_get_object, drivers/iommu/iommufd/main.c (v7.3.4)"],
  messages: {
    refused: "{op} names {object}, which was destroyed before",
    accepted: {
      text: "the kernel accepted {op} on {object}, which was destroyed before",
      severity: "error",
    },
  },

  create(context) {
    /** Ids that named something and name nothing now, by iommufd. */
    const destroyed = new WeakMap<ContextView, Map<number, Destroyed>>();

    function look(event: IoctlEvent, step: StepView, view: MachineView): void {
      const accepted = acceptedAgainst(step, "ENOENT");
      if (!accepted && !refusedWith(step, "ENOENT")) return;
      const iommufd = contextAt(view, event);
      const gone = iommufd === undefined ? undefined : destroyed.get(iommufd);
      if (iommufd === undefined || gone === undefined) return;
      for (const field of ID_FIELDS[event.op] ?? []) {
        const id = numberField(event, field);
        const known = gone.get(id);
        if (known === undefined) continue;
        const object = idName(iommufd, known.type, id);
        context.report({
          message: accepted ? "accepted" : "refused",
          seq: event.seq,
          objects: [object],
          cause: known.seq,
          witness: [known.seq],
          data: { op: event.op, object },
        });
      }
    }

    return {
      on: {
        object_destroyed({ context: iommufd, object }, step) {
          let gone = destroyed.get(iommufd);
          if (gone === undefined) {
            gone = new Map();
            destroyed.set(iommufd, gone);
          }
          gone.set(object.id, { type: object.type, seq: step.event.seq });
        },
        object_created({ context: iommufd, object }) {
          destroyed.get(iommufd)?.delete(object.id);
        },
      },
      refused: Object.fromEntries(Object.keys(ID_FIELDS).map((op) => [op, look])),
    };
  },
});
