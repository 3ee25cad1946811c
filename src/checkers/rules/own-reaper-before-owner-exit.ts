import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { processName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule, UntilStep } from "../rule.js";
import { type FileView, objectOf, type ProcessView, type SessionView } from "../subjects.js";

/** Calls that take something away from whoever uses it. */
const CLEANS: ReadonlySet<string> = new Set([
  "IOMMU_DESTROY",
  "VFIO_DEVICE_DETACH_IOMMUFD_PT",
  "LIVEUPDATE_SESSION_FINISH",
]);

/** The owner of a session that arrived: who retrieved from it. */
interface Owned {
  readonly session: SessionView;
  readonly owner: ProcessView;
  readonly heirs: Set<ProcessView>;
  /** Seq of the owner's newest ioctl on its objects, while nobody else made one since. */
  last_seq: number | undefined;
}

export const ownReaperBeforeOwnerExit = defineRule({
  id: "own-reaper-before-owner-exit",
  family: "ownership",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "Nobody cleans up what a living process still works with.",
  sources: ["the seed mail, A3: the reaper comes when the VMM is gone"],
  messages: {
    early: "{other} makes {op} on what {owner} retrieved from {session} and still works with",
  },

  create(context) {
    /** By session, and by each file that came out of it. */
    const owned = new Map<object, Owned>();

    const idle = new UntilStep(() => owned.size === 0);

    function handOver(from: ProcessView, to: ProcessView): void {
      for (const { owner, heirs } of owned.values()) {
        if (owner === from || heirs.has(from)) heirs.add(to);
      }
    }

    function forget(session: SessionView): void {
      for (const [key, entry] of owned) if (entry.session === session) owned.delete(key);
    }

    function look(event: IoctlEvent, file: FileView, process: ProcessView): void {
      const entry = owned.get(objectOf(file, "luo_session") ?? file);
      if (entry === undefined) return;
      const { owner, session, last_seq } = entry;
      if (process === owner) {
        entry.last_seq = event.seq;
        return;
      }
      entry.last_seq = undefined;
      const managed = process.role === "manager" && event.op === "LIVEUPDATE_SESSION_FINISH";
      if (!CLEANS.has(event.op) || managed || last_seq === undefined) return;
      if (!owner.alive || entry.heirs.has(process)) return;
      context.report({
        message: "early",
        seq: event.seq,
        objects: [sessionName(session)],
        cause: `${owner.pid} ${process.pid}`,
        witness: [last_seq],
        data: {
          other: processName(process),
          op: event.op,
          owner: processName(owner),
          session: sessionName(session),
        },
      });
    }

    return {
      on: {
        file_retrieved({ session, process, file }, step) {
          const known = owned.get(session);
          const entry = known ?? {
            session,
            owner: process,
            heirs: new Set<ProcessView>(),
            last_seq: step.event.seq,
          };
          owned.set(session, entry);
          owned.set(file, entry);
        },
        file_passed({ from, to }) {
          if (from !== undefined && owned.size > 0) handOver(from, to);
        },
        process_started({ process }) {
          if (process.parent !== undefined && owned.size > 0) handOver(process.parent, process);
        },
        session_finished({ session }, step) {
          // The call that finishes it is looked at first: transitions come before the call.
          if (step.event.type !== "ioctl") forget(session);
        },
        session_closed({ session }) {
          forget(session);
        },
        session_stuck({ session }) {
          forget(session);
        },
        kernel_booted() {
          owned.clear();
        },
      },
      routine: { map: idle, map_file: idle, unmap: idle },
      ioctl_any(event, step, view) {
        if (owned.size === 0 || !succeeded(step)) return;
        const process = view.processes.get(event.pid);
        const file = process?.fds.get(event.fd);
        if (process === undefined || file === undefined) return;
        look(event, file, process);
        if (event.op !== "LIVEUPDATE_SESSION_FINISH") return;
        const session = objectOf(file, "luo_session");
        if (session !== undefined) forget(session);
      },
    };
  },
});
