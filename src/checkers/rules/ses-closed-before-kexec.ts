import { Disposable } from "../disposable.js";
import { processName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import {
  actorOf,
  type FileView,
  type LuoFileView,
  type SessionView,
  tokensText,
} from "../subjects.js";

/** A session that was closed in this kernel, with the files that are in no session since. */
interface Closed {
  readonly session: SessionView;
  readonly seq: number;
  readonly by: string;
  readonly has_device: boolean;
  /** The last descriptor went with its process: nobody decided to close it. */
  readonly by_exit: boolean;
  readonly lost: Set<LuoFileView>;
}

export const sesClosedBeforeKexec = defineRule({
  id: "ses-closed-before-kexec",
  family: "session",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "A session with files stays open until the machine jumps.",
  sources: [
    "luo_session_release, kernel/liveupdate/luo_session.c (v7.3.4)",
    "Documentation/userspace-api/liveupdate.rst (v7.3.4): who keeps session descriptors",
  ],
  messages: {
    closed: "{by} closed {session} before the kexec; what it held ({tokens}) does not cross",
  },

  create(context) {
    const disposable = new Disposable(context.header);
    const closed = new Map<number, Closed>();
    /** The files that the step at work took out of sessions. */
    let unpreserved: LuoFileView[] = [];
    /** What is closed after that, until something is preserved again, is closed on purpose. */
    let called_off = false;

    /** What is preserved again is not lost, and what its owner has let go is not missed. */
    function drop(gone: (closed: Closed, file: FileView) => boolean): void {
      for (const [serial, entry] of closed) {
        for (const luoFile of entry.lost) {
          if (gone(entry, luoFile.source)) entry.lost.delete(luoFile);
        }
        if (entry.lost.size === 0) closed.delete(serial);
      }
    }

    return {
      routine: { close: () => closed.size === 0 },
      on: {
        file_unpreserved({ luo_file }) {
          unpreserved.push(luo_file);
        },
        session_closed({ session }, step, view) {
          const lost = new Set(unpreserved.filter((luoFile) => !disposable.hasFile(luoFile)));
          unpreserved = [];
          if (called_off || lost.size === 0 || session.created_epoch !== view.epoch) return;
          const actor = actorOf(step, view);
          closed.set(session.serial, {
            session,
            seq: step.event.seq,
            by: actor === undefined ? "somebody" : processName(actor).shown,
            has_device: [...lost].some(({ source }) => source.object.kind === "vfio_device"),
            by_exit: step.event.type === "exit" || actor?.alive === false,
            lost,
          });
        },
        file_preserved({ luo_file }) {
          called_off = false;
          if (closed.size === 0) return;
          const { object } = luo_file.source;
          drop((_, file) => file.object === object);
        },
        file_released({ file }, { event }) {
          if (closed.size === 0) return;
          drop((entry, source) => {
            if (entry.by_exit || source !== file) return false;
            // A VM whose device only the session held is gone with it: nobody let go of anything.
            return event.seq !== entry.seq || !entry.has_device;
          });
        },
        serialized(_, step) {
          for (const entry of closed.values()) {
            const session = sessionName(entry.session);
            const lost = [...entry.lost].map(({ token }) => token);
            const tokens = tokensText(lost.sort((a, b) => (a < b ? -1 : 1)));
            context.report({
              message: "closed",
              seq: step.event.seq,
              objects: [session],
              witness: [...[...entry.lost].map(({ preserved_seq }) => preserved_seq), entry.seq],
              data: { session, by: entry.by, tokens },
            });
          }
          closed.clear();
        },
        kernel_booted() {
          closed.clear();
        },
      },
      event: {
        marker(event) {
          if (event.what !== "cancel") return;
          called_off = true;
          closed.clear();
        },
      },
    };
  },
});
