import { acceptedAgainst } from "../answer.js";
import { domainName, domainsOf, type RestoredDomainView } from "../domains.js";
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

    /** Domains from which the step at work has taken a device: FINISH may close their iommufd. */
    let left = new Set<RestoredDomainView>();
    let left_seq: number | undefined;

    function report(session: SessionView, view: MachineView, seq: number): void {
      const gone = left_seq === seq ? [...left] : [];
      const own = gone.filter(({ iommufd }) => iommufd.session === session);
      for (const domain of new Set([...domainsOf(view, session), ...own])) {
        const early = domain.attached || own.includes(domain);
        if (!early && !may_count) continue;
        context.report({
          message: early ? "early" : "counted",
          seq,
          objects: [sessionName(session), domainName(domain)],
          witness: [domain.table.serialized_seq],
          data: { session: sessionName(session), domain: domainName(domain) },
        });
      }
    }
    return {
      on: {
        domain_released({ domain }, { event }) {
          if (left_seq !== event.seq) left = new Set();
          left_seq = event.seq;
          left.add(domain);
        },
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
