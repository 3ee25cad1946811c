import { succeeded } from "../answer.js";
import { domainName, type RestoredDomainView } from "../domains.js";
import { deviceName, rangeText, sessionName } from "../names.js";
import { defineRule, NOTHING_TO_SAY } from "../rule.js";
import { type SessionView, sessionAt } from "../subjects.js";

export const ownDomainFreedWithoutOwner = defineRule({
  id: "own-domain-freed-without-owner",
  family: "ownership",
  severity: "error",
  profiles: ["seed", "p2"],
  summary: "A restored domain that nobody has claimed stays until somebody claims and frees it.",
  sources: [
    "the seed mail, A1: it exists until user space retrieves the iommufd, owns it and frees it",
    "the seed mail, A2 and A8: the kernel does not clean up, FINISH has no part in it",
  ],
  messages: {
    gone: "{device} lost {range}: {domain} is gone after {session} ended, though nobody claimed it",
  },

  create(context) {
    /** When the session of a domain was finished, closed or found stuck. */
    const ended = new WeakMap<SessionView, number>();
    /** The last DMA that a domain let through in this kernel. */
    const alive = new WeakMap<RestoredDomainView, number>();
    return {
      // A routine transfer does not go through a restored domain.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        session_finished({ session }, step) {
          ended.set(session, step.event.seq);
        },
        session_closed({ session }, step) {
          ended.set(session, step.event.seq);
        },
        session_stuck({ session }, step) {
          ended.set(session, step.event.seq);
        },
        dma(transfer) {
          if (transfer.restored === undefined) return;
          const { device, event, predicted, pieces } = transfer;
          const [piece] = pieces;
          const domain = piece?.restored;
          if (piece === undefined || domain === undefined) return;
          if (event.observed === "ok") alive.set(domain, event.seq);
          if (event.observed !== "fault" || predicted !== "ok") return;
          const { session } = domain.iommufd;
          const seq = ended.get(session);
          if (seq === undefined || domain.hwpt !== undefined) return;
          context.report({
            message: "gone",
            seq: event.seq,
            objects: [domainName(domain)],
            about: [deviceName(device.name)],
            witness: [domain.table.serialized_seq, alive.get(domain), seq],
            data: {
              device: deviceName(device.name),
              range: rangeText(event.iova, event.iova + BigInt(event.length_bytes) - 1n),
              domain: domainName(domain),
              session: sessionName(session),
            },
          });
        },
      },
      ioctl: {
        // Also a FINISH that the kernel should have refused.
        LIVEUPDATE_SESSION_FINISH(event, step, view) {
          const session = sessionAt(view, event);
          if (session !== undefined && succeeded(step)) ended.set(session, event.seq);
        },
      },
    };
  },
});
