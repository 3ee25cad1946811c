import type { EventOf } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { domainName, domainsOf, type RestoredDomainView } from "../domains.js";
import { deviceName, sessionName } from "../names.js";
import { defineRule, NOTHING_TO_SAY } from "../rule.js";
import { type SessionView, sessionAt } from "../subjects.js";
import type { MachineView } from "../view.js";

type Tracepoint = EventOf<"iommu_tracepoint">;

/** Tracepoints are written when they happen, the call they happen in when it returns. */
const TRACEPOINTS_KEPT = 64;

interface Finish {
  readonly session: SessionView;
  readonly seq: number;
}

export const ownFinishTouchedDomain = defineRule({
  id: "own-finish-touched-domain",
  family: "ownership",
  severity: "error",
  profiles: ["seed"],
  summary: "FINISH leaves restored domains, their attachments and their owners alone.",
  sources: [
    "the seed mail, A8: FINISH stays lightweight",
    "J. Gunthorpe, 2025-10-01: finish does nothing on the restore path",
  ],
  messages: {
    moved: "the kernel moved {device}, which {domain} serves, during FINISH of {session}",
    stopped: "{device} reached memory through {domain} before FINISH of {session}, and not after",
  },

  create(context) {
    let recent: Tracepoint[] = [];
    /** The newest FINISH, with what translated before it. */
    let finish: Finish | undefined;
    /** Last DMA that a domain let through. */
    const alive = new Map<RestoredDomainView, number>();

    function moved(view: MachineView, session: SessionView, at: Tracepoint, seq: number): void {
      for (const domain of domainsOf(view, session)) {
        if (at.device === undefined || ![...domain.devices.values()].includes(at.device)) continue;
        context.report({
          message: "moved",
          seq,
          objects: [domainName(domain)],
          about: [deviceName(at.device)],
          witness: [domain.table.serialized_seq, at.seq],
          data: {
            device: deviceName(at.device),
            domain: domainName(domain),
            session: sessionName(session),
          },
        });
      }
    }

    return {
      // A routine transfer does not go through a restored domain.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        session_finished({ session }, step) {
          finish = { session, seq: step.event.seq };
        },
        kernel_booted() {
          recent = [];
          finish = undefined;
          alive.clear();
        },
        dma(transfer) {
          if (transfer.restored === undefined) return;
          const { device, event, predicted, pieces } = transfer;
          const domain = pieces[0]?.restored;
          if (domain === undefined) return;
          if (event.observed === "ok") alive.set(domain, event.seq);
          if (event.observed !== "fault" || predicted !== "ok") return;
          const before = alive.get(domain);
          if (finish?.session !== domain.iommufd.session) return;
          if (before === undefined || before > finish.seq) return;
          context.report({
            message: "stopped",
            seq: event.seq,
            objects: [domainName(domain)],
            about: [deviceName(device.name)],
            witness: [before, finish.seq],
            data: {
              device: deviceName(device.name),
              domain: domainName(domain),
              session: sessionName(domain.iommufd.session),
            },
          });
        },
      },
      event: {
        iommu_tracepoint(event) {
          if (event.what !== "attach_device_to_domain" && !event.what.startsWith("detach")) return;
          recent.push(event);
          if (recent.length > TRACEPOINTS_KEPT) recent = recent.slice(1);
        },
      },
      ioctl: {
        LIVEUPDATE_SESSION_FINISH(event, step, view) {
          const session = sessionAt(view, event);
          const { ts, ts_end } = event;
          if (session === undefined || !succeeded(step)) return;
          finish = { session, seq: event.seq };
          if (ts === undefined || ts_end === undefined) return;
          for (const at of recent) {
            if (at.ts === undefined || at.ts < ts || at.ts > ts_end) continue;
            moved(view, session, at, event.seq);
          }
        },
      },
    };
  },
});
