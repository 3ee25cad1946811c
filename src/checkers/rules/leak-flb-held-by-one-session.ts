import { sessionName } from "../names.js";
import { defineRule } from "../rule.js";
import { objectOf, type SessionView } from "../subjects.js";

const PATIENCE_NS = 300_000_000_000;

export const leakFlbHeldByOneSession = defineRule({
  id: "leak-flb-held-by-one-session",
  family: "leak",
  severity: "info",
  profiles: ["p1v1", "p1v5", "p2"],
  summary: "No single session keeps the records that all sessions share.",
  sources: ["kernel/liveupdate/luo_flb.c (v7.3.4): they live until the last file is finished"],
  messages: {
    held: "{session} alone keeps the IOMMU's records of the update: all others are finished",
  },

  create(context) {
    /** Sessions with devices or iommufds that arrived in this kernel. */
    let sharing: SessionView[] = [];
    /** When the last but one of them was finished. */
    let since: { readonly seq: number; readonly ts: number | undefined } | undefined;
    return {
      on: {
        kernel_booted({ arrived }) {
          sharing = arrived.filter(shares);
          since = undefined;
        },
        session_finished({ session }, step) {
          const before = sharing.length;
          sharing = sharing.filter((other) => other !== session);
          if (sharing.length !== 1 || before === sharing.length) return;
          since = { seq: step.event.seq, ts: step.event.ts };
        },
      },
      finish(_end, _view, last) {
        const [session] = sharing;
        if (session === undefined || since?.ts === undefined) return;
        // Somebody works with it.
        if (session.state === "in_open") return;
        if ((last.ts ?? 0) - since.ts <= PATIENCE_NS) return;
        context.report({
          message: "held",
          seq: last.seq,
          objects: [sessionName(session)],
          witness: [since.seq],
          data: { session: sessionName(session) },
        });
      },
    };
  },
});

function shares(session: SessionView): boolean {
  for (const { source } of session.files.values()) {
    if (objectOf(source, "iommufd") || objectOf(source, "vfio_device")) return true;
  }
  return false;
}
