import { acceptedAgainst } from "../answer.js";
import { domainName, domainsOf } from "../domains.js";
import { sessionName } from "../names.js";
import { defineRule, RESTORE_PROFILES } from "../rule.js";
import { type SessionView, sessionAt } from "../subjects.js";
import type { MachineView } from "../view.js";

export const sesFinishBeforeReplace = defineRule({
  id: "ses-finish-before-replace",
  family: "session",
  severity: "error",
  profiles: RESTORE_PROFILES,
  summary: "A session is finished when no restored domain of it translates any more.",
  sources: [
    "J. Gunthorpe, 2025-10-02 15:10Z and 2025-10-03: finish fails while stray objects remain",
    "can_finish of the iommufd handler, IOMMU live update RFC v2 (2025-12-02)",
  ],
  messages: {
    early: "{session} was finished while {domain} still translates",
    counted: {
      text: "{session} was finished while {domain} exists: with a counter FINISH would be refused",
      severity: "info",
    },
  },

  create(context) {
    /** The counter is a proposal of the mails about the agreed model; no series has one. */
    const may_count = context.profiles.includes("seed");

    function report(session: SessionView, view: MachineView, seq: number): void {
      for (const domain of domainsOf(view, session)) {
        if (!domain.attached && !may_count) continue;
        context.report({
          message: domain.attached ? "early" : "counted",
          seq,
          objects: [sessionName(session), domainName(domain)],
          witness: [domain.table.serialized_seq],
          data: { session: sessionName(session), domain: domainName(domain) },
        });
      }
    }
    return {
      on: {
        session_finished({ session }, step, view) {
          report(session, view, step.event.seq);
        },
      },
      ioctl: {
        LIVEUPDATE_SESSION_FINISH(event, step, view) {
          // Where the model followed the kernel, the transition has told already.
          if (!acceptedAgainst(step, "EBUSY") || hasFinished(step.transitions)) return;
          const session = sessionAt(view, event);
          if (session !== undefined) report(session, view, event.seq);
        },
      },
    };
  },
});

function hasFinished(transitions: readonly { readonly kind: string }[]): boolean {
  return transitions.some(({ kind }) => kind === "session_finished");
}
