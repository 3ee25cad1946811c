import { refusedWith } from "../answer.js";
import type { RestoredDomainView } from "../domains.js";
import { sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { type ContextView, type SessionView, sessionAt } from "../subjects.js";

/** From this many refusals on it is a loop. */
const REFUSALS = 3;

export const sesFinishRefusedLoop = defineRule({
  id: "ses-finish-refused-loop",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A FINISH that was refused is repeated only after something changed.",
  sources: ["luo_file_can_finish_one, kernel/liveupdate/luo_file.c (v7.3.4)"],
  messages: {
    loop: "FINISH of {session} was refused {count} times, and nothing it waits for changed",
  },

  create(context) {
    /** Seqs of the refusals since something last changed. */
    const refused = new Map<SessionView, number[]>();

    /** Something of a session changed; where it is not known of which, of any. */
    function changed(session: SessionView | undefined): void {
      if (session === undefined) refused.clear();
      else refused.delete(session);
    }
    const ofDomain = ({ domain }: { readonly domain: RestoredDomainView }): void =>
      changed(domain.iommufd.session);
    const ofDevice = ({ device }: { readonly device: { readonly context: ContextView } }): void =>
      changed(device.context.retrieved_as?.session);
    const ofContext = ({ context: iommufd }: { readonly context: ContextView }): void =>
      changed(iommufd.retrieved_as?.session);

    return {
      on: {
        file_retrieved: ({ session }) => changed(session),
        domain_claimed: ofDomain,
        domain_replaced: ofDomain,
        domain_released: ofDomain,
        domain_destroyed: ofDomain,
        device_bound: ofDevice,
        device_unbound: ofDevice,
        device_attached: ofDevice,
        device_detached: ofDevice,
        object_destroyed: ofContext,
        context_destroyed: ofContext,
        kernel_booted: () => changed(undefined),
      },
      ioctl: {
        LIVEUPDATE_SESSION_FINISH(event, step, view) {
          const session = sessionAt(view, event);
          if (session === undefined || !refusedWith(step, "EBUSY")) return;
          const seqs = refused.get(session) ?? [];
          refused.set(session, seqs);
          seqs.push(event.seq);
          if (seqs.length < REFUSALS) return;
          context.report({
            message: "loop",
            seq: event.seq,
            objects: [sessionName(session)],
            witness: seqs,
            data: { session: sessionName(session), count: REFUSALS },
          });
        },
      },
    };
  },
});
