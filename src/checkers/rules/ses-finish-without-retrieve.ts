import { Disposable } from "../disposable.js";
import { sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { actorOf, type SessionView } from "../subjects.js";

interface Thrown {
  readonly session: SessionView;
  readonly seq: number;
  readonly files: number;
  readonly preserved: readonly number[];
}

export const sesFinishWithoutRetrieve = defineRule({
  id: "ses-finish-without-retrieve",
  family: "session",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A session is finished after its files were retrieved, unless a reaper discards it.",
  sources: [
    "luo_file_finish, kernel/liveupdate/luo_file.c (v7.3.4)",
    "memfd_luo_finish, mm/memfd_luo.c (v7.3.4)",
  ],
  messages: {
    thrownAway: "{session} was finished, and {missed}",
    resumed: {
      text: "{session} was finished, {missed}, then its VM resumed",
      severity: "error",
    },
  },

  create(context) {
    const disposable = new Disposable(context.header);
    /** Sessions thrown away in this kernel whose VM has not resumed (yet). */
    let pending: Thrown[] = [];
    /** How many sessions arrived in this kernel. */
    let arrived = 0;

    function report(message: "thrownAway" | "resumed", thrown: Thrown, seq: number): void {
      const session = sessionName(thrown.session);
      context.report({
        message,
        seq,
        objects: [session],
        witness: [...thrown.preserved, thrown.seq],
        data: { session, missed: missedText(thrown.files) },
      });
    }

    function settle(): void {
      for (const thrown of pending) report("thrownAway", thrown, thrown.seq);
      pending = [];
    }

    return {
      on: {
        session_finished({ session, files }, step, view) {
          if (files.every((luoFile) => disposable.hasFile(luoFile))) return;
          if (files.some(({ retrieved_seq }) => retrieved_seq !== undefined)) return;
          if (actorOf(step, view)?.role === "reaper") return;
          const preserved = files.map(({ preserved_seq }) => preserved_seq);
          pending.push({ session, seq: step.event.seq, files: files.length, preserved });
        },
        kernel_booted(booted) {
          settle();
          arrived = booted.arrived.length;
        },
      },
      event: {
        marker(event) {
          if (event.what !== "vcpus_resumed") return;
          // Which VM resumed is certain when the marker names it, or when there is only one.
          const certain = (thrown: Thrown) => arrived === 1 || event.text === thrown.session.name;
          for (const thrown of pending.filter(certain)) report("resumed", thrown, event.seq);
          pending = pending.filter((thrown) => !certain(thrown));
        },
      },
      finish: settle,
    };
  },
});

function missedText(files: number): string {
  return files === 1
    ? "its only file was not retrieved"
    : `none of its ${files} files was retrieved`;
}
