import { processName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { actorOf, type FileView, type ProcessView, type SessionView } from "../subjects.js";
import type { MachineView } from "../view.js";

export const leakSessionFdSingleHolder = defineRule({
  id: "leak-session-fd-single-holder",
  family: "leak",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "Somebody besides the VMM holds a descriptor of its session.",
  sources: [
    "luo_session_release, kernel/liveupdate/luo_session.c (v7.3.4)",
    "the seed mail, A3: a reaper needs the session after the VMM died",
  ],
  messages: {
    atKexec: "only {holder} holds {session} at the kexec; its crash would have cancelled it",
    atRestore: "only {holder} holds {session} during the restore; its crash finishes it",
    crashed: "{holder} was the only holder of {session} and ended before it was finished",
    ended: "{holder} was the only holder of {session} and ended before the kexec; it is cancelled",
  },

  create(context) {
    /** The open files of sessions, while anything refers to them. */
    const files = new Map<SessionView, FileView>();
    const reported = new Set<SessionView>();
    /** Sessions with files that ended with their VMM, until a kexec shows that they are missed. */
    const ended_early = new Map<string, Ended>();
    let unpreserved = false;

    function report(
      message: "atKexec" | "atRestore" | "crashed" | "ended",
      session: SessionView,
      holder: ProcessView,
      seq: number,
    ): void {
      // One session has one such weakness in one kernel, however often it shows.
      if (reported.has(session)) return;
      reported.add(session);
      const name = sessionName(session);
      context.report({
        message,
        seq,
        objects: [name],
        about: [processName(holder)],
        data: { session: name, holder: processName(holder) },
      });
    }

    return {
      on: {
        session_created({ session, file }) {
          files.set(session, file);
          ended_early.delete(session.name);
        },
        file_unpreserved() {
          unpreserved = true;
        },
        serialized() {
          for (const { session, holder, seq } of ended_early.values()) {
            report("ended", session, holder, seq);
          }
          ended_early.clear();
        },
        session_retrieved({ session, file }) {
          files.set(session, file);
        },
        file_retrieved({ session, process }, step) {
          if (process.role !== "vmm") return;
          const file = files.get(session);
          if (file === undefined || heldBy(process, file) !== file.references) return;
          report("atRestore", session, process, step.event.seq);
        },
        session_finished({ session, how }, step, view) {
          ended(session, how, step.event.seq, actorOf(step, view));
        },
        session_finish_refused({ session, how }, step, view) {
          ended(session, how, step.event.seq, actorOf(step, view));
        },
        session_closed({ session }, step, view) {
          files.delete(session);
          const held = unpreserved;
          unpreserved = false;
          const holder = actorOf(step, view);
          if (!held || holder?.role !== "vmm" || step.event.type !== "exit") return;
          ended_early.set(session.name, { session, holder, seq: step.event.seq });
        },
        kernel_booted() {
          files.clear();
          reported.clear();
          ended_early.clear();
        },
      },
      event: {
        marker(event) {
          if (event.what === "cancel") ended_early.clear();
        },
        reboot(event, _step, view) {
          if (event.cmd !== "kexec") return;
          const holders = vmmHolders(view);
          for (const [session, file] of files) {
            if (session.created_epoch !== view.epoch || session.files.size === 0) continue;
            const holder = holders.get(file);
            if (holder !== undefined && heldBy(holder, file) === file.references)
              report("atKexec", session, holder, event.seq);
          }
        },
      },
    };

    function ended(
      session: SessionView,
      how: "explicit" | "implicit",
      seq: number,
      actor: ProcessView | undefined,
    ): void {
      if (how !== "implicit" || actor?.role !== "vmm" || actor.alive) return;
      report("crashed", session, actor, seq);
    }
  },
});

/** A session that its only holder took with it. */
interface Ended {
  readonly session: SessionView;
  readonly holder: ProcessView;
  readonly seq: number;
}

/**
 * How many references of the file are descriptors of this process. When that is all of them, nobody
 * else holds it: a message in flight is a reference, too, as somebody is about to receive it.
 */
function heldBy(process: ProcessView, file: FileView): number {
  let held = 0;
  for (const [, entry] of process.fds.entries()) if (entry.file === file) held++;
  return held;
}

/** A VMM that holds the file, for each file that VMMs hold. Costs O(descriptors). */
function vmmHolders(view: MachineView): ReadonlyMap<FileView, ProcessView> {
  const holders = new Map<FileView, ProcessView>();
  for (const process of view.processes.values()) {
    if (process.role !== "vmm") continue;
    for (const [, { file }] of process.fds.entries()) holders.set(file, process);
  }
  return holders;
}
