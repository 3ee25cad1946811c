import type { PreservedIommufd } from "../../engine/liveupdate/preserved-domain.js";
import { preservedName } from "../domains.js";
import { hex, plainName, sessionName } from "../names.js";
import { defineRule } from "../rule.js";
import { objectOf, type SessionView } from "../subjects.js";
import type { View } from "../view.js";

export const leakHwptNotRestored = defineRule({
  id: "leak-hwpt-not-restored",
  family: "leak",
  severity: "warning",
  profiles: ["rfc2", "p2"],
  summary: "Every HWPT token of an iommufd that was retrieved is restored.",
  sources: ["can_finish of the iommufd handler, IOMMU live update RFC v2 (2025-12-02)"],
  messages: {
    forgotten: "HWPT token {token} of {session} was never restored: FINISH stays refused",
  },

  create(context) {
    /** Seq of the last such marker: it counts when it ends the trace. */
    let cleanEnd: number | undefined;

    function look(session: SessionView, seq: number): void {
      for (const luoFile of session.files.values()) {
        const iommufd = objectOf(luoFile.source, "iommufd");
        if (iommufd === undefined || luoFile.retrieved_seq === undefined) continue;
        const { domains } = luoFile.record as View<PreservedIommufd>;
        for (const domain of domains) {
          if (domain.reclaimed) continue;
          const { token } = domain;
          context.report({
            message: "forgotten",
            seq,
            objects: [sessionName(session), plainName("hwpt-token", hex(token))],
            about: [preservedName(domain)],
            witness: [luoFile.retrieved_seq],
            data: { token: hex(token), session: sessionName(session) },
          });
        }
      }
    }

    return {
      on: {
        // The next update ends what was stuck; a cold boot gives up and expects nothing.
        kernel_booted({ how, lost }, { event }) {
          if (how !== "kexec") return;
          for (const session of lost) if (session.retrieved) look(session, event.seq);
        },
      },
      event: {
        marker(event) {
          if (event.what === "clean_end") cleanEnd = event.seq;
        },
      },
      finish(_end, view, last) {
        for (const session of view.liveUpdate.incoming.values()) {
          // A recording that stops in the middle of the restore proves nothing.
          if (cleanEnd === last.seq || session.state === "in_stuck") look(session, last.seq);
        }
      },
    };
  },
});
