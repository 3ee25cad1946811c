import { type ObjectName, processName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { objectOf, type ProcessView, type SessionView } from "../subjects.js";

/** Roles that have business with a session. */
const KNOWN_ROLES: ReadonlySet<string | undefined> = new Set(["manager", "vmm", "reaper", "pid1"]);
/** Passes that wait for a word about roles. */
const PASSES_MAX = 1000;

interface Pass {
  readonly how: "passed" | "inherited";
  readonly seq: number;
  readonly session: SessionView;
  readonly to: ProcessView;
  readonly name: ObjectName;
}

export const sesFdPassedToUnknownRole = defineRule({
  id: "ses-fd-passed-to-unknown-role",
  family: "session",
  severity: "info",
  profiles: ALL_PROFILES,
  summary: "A session is handed to managers, VMMs and reapers only.",
  sources: ["the seed mail, A3", "kernel/liveupdate/luo_session.c (v7.3.4): O_CLOEXEC"],
  messages: {
    passed: "{session} was passed to {process}: whoever holds it can finish, and discard, the VM",
    inherited: "{process} inherited {session} over its exec: it can finish, and discard, the VM",
  },

  create(context) {
    const passes: Pass[] = [];
    const exec_pids = new Set<number>();
    let rolesKnown = false;

    function add(how: Pass["how"], session: SessionView, to: ProcessView, seq: number): void {
      if (passes.length < PASSES_MAX) passes.push({ how, seq, session, to, name: processName(to) });
    }
    return {
      on: {
        process_started({ process }) {
          if (process.role !== undefined) rolesKnown = true;
        },
        file_passed({ file, to }, step) {
          const session = objectOf(file, "luo_session");
          if (session === undefined || KNOWN_ROLES.has(to.role)) return;
          add("passed", session, to, step.event.seq);
        },
      },
      event: {
        exec({ pid }) {
          exec_pids.add(pid);
        },
        process_start(event, _step, view) {
          if (event.role !== undefined) rolesKnown = true;
          if (!exec_pids.delete(event.pid)) return;
          const process = view.processes.get(event.pid);
          if (process === undefined || KNOWN_ROLES.has(process.role)) return;
          // What the new program still holds was not closed on exec.
          for (const [, { file }] of process.fds.entries()) {
            const session = objectOf(file, "luo_session");
            if (session !== undefined) add("inherited", session, process, event.seq);
          }
        },
      },
      finish() {
        // In a trace without roles nobody is known.
        if (!rolesKnown) return;
        for (const { how, seq, session, to, name } of passes) {
          // Its role may have been told later.
          if (KNOWN_ROLES.has(to.role)) continue;
          context.report({
            message: how,
            seq,
            objects: [sessionName(session), name],
            witness: [session.created_seq],
            data: { session: sessionName(session), process: name },
          });
        }
      },
    };
  },
});
