import type {
  PreservedDevice,
  PreservedIommufd,
} from "../../engine/liveupdate/preserved-domain.js";
import { preservedName } from "../domains.js";
import { deviceName, type ObjectName, sessionName, tokenName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { fileText, type LuoFileView, type SessionView } from "../subjects.js";
import type { View } from "../view.js";

export const leakSessionStuck = defineRule({
  id: "leak-session-stuck",
  family: "leak",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "The last descriptor of a session is closed only when the session can finish.",
  sources: ["luo_session_release, kernel/liveupdate/luo_session.c (v7.3.4)"],
  messages: {
    stuck: "{session} is stuck until a kexec: at its last close {object} could not finish, {why}",
  },

  create(context) {
    /** The refused finishes of each session that is not stuck yet. */
    const refused = new Map<SessionView, number[]>();
    const failed = new WeakMap<LuoFileView, number>();
    return {
      on: {
        retrieve_failed({ luo_file }, step) {
          failed.set(luo_file, step.event.seq);
        },
        session_finish_refused({ session, how }, step) {
          if (how === "implicit") return;
          const seqs = refused.get(session) ?? [];
          if (seqs.length < REFUSALS_MAX) seqs.push(step.event.seq);
          refused.set(session, seqs);
        },
        session_finished({ session }) {
          refused.delete(session);
        },
        kernel_booted() {
          refused.clear();
        },
        session_stuck({ session, refused_by }, step) {
          const name = sessionName(session);
          const object = tokenName(refused_by.token);
          context.report({
            message: "stuck",
            seq: step.event.seq,
            objects: [name],
            about: unfinishedIn(session),
            witness: [
              refused_by.preserved_seq,
              refused_by.retrieved_seq ?? failed.get(refused_by),
              ...(refused.get(session) ?? []),
            ],
            data: { session: name, object, why: whyUnfinished(refused_by) },
          });
          refused.delete(session);
        },
      },
    };
  },
});

/** So many refusals are named; more prove nothing more. */
const REFUSALS_MAX = 8;

/** Page tables that were not restored or not replaced yet, and devices: what FINISH waits for. */
function unfinishedIn({ files }: SessionView): ObjectName[] {
  return [...files.values()].flatMap(({ source, record }) => {
    if (source.object.kind === "vfio_device") {
      return [deviceName((record as View<PreservedDevice>).device.name)];
    }
    if (source.object.kind !== "iommufd") return [];
    return (record as View<PreservedIommufd>).domains
      .filter(({ reclaimed, restored }) => !reclaimed || restored?.attached === true)
      .map(preservedName);
  });
}

function whyUnfinished({ state, retrieve_errno, source }: LuoFileView): string {
  const file = fileText(source);
  if (state === "waiting") return `because ${file} was never retrieved`;
  if (state === "failed") return `because the retrieve of ${file} failed with ${retrieve_errno}`;
  return `although ${file} was retrieved`;
}
