import { domainName, domainsOf } from "../domains.js";
import { type ObjectName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import { actorOf, fileText, type LuoFileView, objectOf, type SessionView } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const sesReaperIncomplete = defineRule({
  id: "ses-reaper-incomplete",
  family: "session",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "A reaper leaves a session only when nothing of it is left behind.",
  sources: [
    "the seed mail, A3: the reaper cleans up the objects of the session and closes it",
    "luo_session_release, kernel/liveupdate/luo_session.c (v7.3.4)",
  ],
  messages: {
    stuck: "the reaper left {session} stuck: {file} cannot finish",
    attached: "the reaper left {session} while {domain} still translates",
    unretrieved: "the reaper left {session} without having retrieved {file}",
  },

  create(context) {
    /** Sessions whose last worker was a reaper that let go of them, and where it did. */
    const let_go = new Map<SessionView, number>();
    /** Sessions that were handed to a reaper, by its pid. */
    const handed = new Map<number, Set<SessionView>>();

    function isReaper(step: StepView, view: MachineView): boolean {
      return actorOf(step, view)?.role === "reaper";
    }

    function left(
      session: SessionView,
      files: readonly LuoFileView[],
      step: StepView,
      view: MachineView,
    ): void {
      const name = sessionName(session);
      const common = { seq: step.event.seq, objects: [name] as ObjectName[] };
      for (const domain of domainsOf(view, session)) {
        if (!domain.attached) continue;
        const about = [domainName(domain)];
        const data = { session: name, domain: domainName(domain) };
        context.report({ message: "attached", data, about, ...common });
      }
      // Memory that is thrown away is cleaned up; anything else stays with the kernel.
      const [file] = files.filter(({ source }) => source.object.kind !== "memfd");
      if (file === undefined) return;
      const data = { session: name, file: fileText(file.source) };
      context.report({ message: "unretrieved", data, ...common });
    }

    return {
      // A routine close is of a file that the model does not look into.
      routine: { close: NOTHING_TO_SAY },
      on: {
        file_passed({ file, to }) {
          const session = objectOf(file, "luo_session");
          if (session === undefined) return;
          let_go.delete(session);
          if (to.role !== "reaper") return;
          const sessions = handed.get(to.pid) ?? new Set();
          handed.set(to.pid, sessions.add(session));
        },
        fd_closed({ process, file }, { event }) {
          const session = objectOf(file, "luo_session");
          if (session === undefined || process.role !== "reaper") return;
          if (handed.get(process.pid)?.delete(session) === true) let_go.set(session, event.seq);
        },
        process_exited({ process }, { event }) {
          for (const session of handed.get(process.pid) ?? []) let_go.set(session, event.seq);
          handed.delete(process.pid);
        },
        session_stuck({ session, refused_by }, step, view) {
          const gone = let_go.get(session);
          // Whoever closes it last: the reaper was the one to clean up.
          if (!isReaper(step, view) && gone === undefined) return;
          const name = sessionName(session);
          context.report({
            message: "stuck",
            seq: step.event.seq,
            objects: [name],
            witness: [refused_by.preserved_seq, gone],
            data: { session: name, file: fileText(refused_by.source) },
          });
        },
        session_finished({ session, how, discarded }, step, view) {
          if (how === "implicit" && isReaper(step, view)) left(session, discarded, step, view);
        },
        session_closed({ session }, step, view) {
          if (session.state === "gone" && session.retrieved && isReaper(step, view)) {
            left(session, [], step, view);
          }
        },
      },
    };
  },
});
