import { acceptedAgainst, refusedWith } from "../answer.js";
import { sessionName, sessionNamed } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { sessionAt, textField } from "../subjects.js";

export const sesRetrieveBeforeKexec = defineRule({
  id: "ses-retrieve-before-kexec",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "What a kernel preserves can be retrieved in the next kernel only.",
  sources: ["luo_session_retrieve, luo_ioctl_type_valid, kernel/liveupdate/luo_session.c (v7.3.4)"],
  messages: {
    refusedSession: "{session} was created in this kernel; it can be retrieved after a kexec only",
    acceptedSession: {
      text: "the kernel gave {session} back although it was created in this kernel",
      severity: "error",
    },
    refusedFile: "RETRIEVE_FD on {session}, which was created in this kernel",
    acceptedFile: {
      text: "the kernel gave a file of {session} back although no kexec lies between",
      severity: "error",
    },
  },

  create(context) {
    /** Names of this kernel's sessions, closed ones too, with the seq of their creation. */
    const created = new Map<string, number>();
    return {
      on: {
        session_created({ session }) {
          created.set(session.name, session.created_seq);
        },
        kernel_booted() {
          created.clear();
        },
      },
      ioctl: {
        LIVEUPDATE_IOCTL_RETRIEVE_SESSION(event, step, view) {
          const accepted = acceptedAgainst(step, "ENOENT");
          if (!accepted && !refusedWith(step, "ENOENT")) return;
          const name = textField(event, "name") ?? "";
          const seq = created.get(name);
          if (seq === undefined || view.liveUpdate.incoming.has(name)) return;
          const session = sessionNamed(name);
          context.report({
            message: accepted ? "acceptedSession" : "refusedSession",
            seq: event.seq,
            objects: [session],
            witness: [seq],
            data: { session },
          });
        },
        LIVEUPDATE_SESSION_RETRIEVE_FD(event, step, view) {
          const accepted = acceptedAgainst(step, "EINVAL");
          if (!accepted && !refusedWith(step, "EINVAL")) return;
          const session = sessionAt(view, event);
          if (session?.isOutgoing !== true) return;
          context.report({
            message: accepted ? "acceptedFile" : "refusedFile",
            seq: event.seq,
            objects: [sessionName(session)],
            witness: [session.created_seq],
            data: { session: sessionName(session) },
          });
        },
      },
    };
  },
});
