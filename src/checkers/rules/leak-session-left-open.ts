import { domainName, domainsOf } from "../domains.js";
import { deviceName, sessionName } from "../names.js";
import { defineRule, RESTORE_PROFILES } from "../rule.js";
import type { SessionView } from "../subjects.js";

export const leakSessionLeftOpen = defineRule({
  id: "leak-session-left-open",
  family: "leak",
  severity: "warning",
  profiles: RESTORE_PROFILES,
  summary: "A session that was retrieved is finished before the work is over.",
  sources: [
    "the seed mail, A1: a restored domain exists until user space has it and frees it",
    "the seed mail, A3: when a VMM dies, a reaper gets its session",
  ],
  messages: {
    refused:
      "the trace ends with {session} unfinished: FINISH, refused at event {at}, was not repeated",
    open: "the trace ends with {session} unfinished: {domain} still translates for {device}",
  },

  create(context) {
    const retrieved = new Map<SessionView, number>();
    /** Where FINISH was refused last. */
    const refused = new Map<SessionView, number>();
    /** Seq of the last such marker: it counts when it ends the trace. */
    let cleanEnd: number | undefined;
    return {
      on: {
        session_retrieved({ session }, { event }) {
          retrieved.set(session, event.seq);
        },
        session_finish_refused({ session }, { event }) {
          refused.set(session, event.seq);
        },
        kernel_booted() {
          retrieved.clear();
          refused.clear();
        },
      },
      event: {
        marker(event) {
          if (event.what === "clean_end") cleanEnd = event.seq;
        },
      },
      finish(_end, view, last) {
        // A recording that stops in the middle of the restore proves nothing.
        if (cleanEnd !== last.seq) return;
        for (const [session, seq] of retrieved) {
          if (session.state !== "in_open") continue;
          const name = sessionName(session);
          const at = refused.get(session);
          const common = { seq: last.seq, objects: [name], witness: [seq, at] };
          const domain = domainsOf(view, session).find(({ attached }) => attached);
          const [bdf] = domain?.devices.values() ?? [];
          if (domain !== undefined && bdf !== undefined) {
            const data = { session: name, domain: domainName(domain), device: deviceName(bdf) };
            context.report({ message: "open", about: [data.domain], data, ...common });
          } else if (at !== undefined) {
            context.report({ message: "refused", data: { session: name, at }, ...common });
          }
        }
      },
    };
  },
});
