import { refusal, refusedWith } from "../answer.js";
import {
  deviceName,
  hex,
  iommufdName,
  type ObjectName,
  sessionFileName,
  sessionName,
} from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import {
  type FileView,
  fileAt,
  numberField,
  objectOf,
  type SessionView,
  sessionAt,
  u64Field,
} from "../subjects.js";

/** A PRESERVE_FD that was refused: why the token is missing in the next kernel. */
interface Refused {
  readonly seq: number;
  readonly about: readonly ObjectName[];
}

export const sesRetrieveUnknownToken = defineRule({
  id: "ses-retrieve-unknown-token",
  family: "session",
  // With domains in the picture other rules say what was forgotten, and why it does harm.
  severity: "info",
  severity_in: { luo73: "warning" },
  profiles: ALL_PROFILES,
  summary: "What is retrieved by its token was preserved under it.",
  sources: ["luo_retrieve_file, kernel/liveupdate/luo_file.c (v7.3.4): ENOENT"],
  messages: {
    forgotten: "{session} has no token {token}: nobody preserved a file under it",
    refused: "{session} has no token {token}: PRESERVE_FD was refused with it at event {at}",
  },

  create(context) {
    const refused = new Map<SessionView, Map<bigint, Refused>>();
    /** Seq of the last serialization: what was forgotten was forgotten then. */
    let serialized: number | undefined;
    return {
      on: {
        serialized(_, { event }) {
          serialized = event.seq;
        },
      },
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const session = sessionAt(view, event);
          if (session === undefined || refusal(step) === undefined) return;
          const tokens = refused.get(session) ?? new Map<bigint, Refused>();
          const about = partsOf(fileAt(view, event.pid, numberField(event, "fd")));
          refused.set(session, tokens.set(u64Field(event, "token"), { seq: event.seq, about }));
        },
        LIVEUPDATE_SESSION_RETRIEVE_FD(event, step, view) {
          const session = sessionAt(view, event);
          // Once it is finished, a session has no tokens at all.
          if (session?.state !== "in_open" || !refusedWith(step, "ENOENT")) return;
          const token = u64Field(event, "token");
          if (session.files.has(token)) return;
          const attempt = refused.get(session)?.get(token);
          const data = { session: sessionName(session), token: hex(token) };
          const common = {
            seq: event.seq,
            objects: [sessionFileName(session, token)],
            about: [data.session, ...(attempt?.about ?? [])],
            witness: [session.created_seq, attempt?.seq ?? serialized],
          };
          if (attempt === undefined) context.report({ message: "forgotten", data, ...common });
          else {
            context.report({ message: "refused", data: { ...data, at: attempt.seq }, ...common });
          }
        },
      },
    };
  },
});

/** By what other findings name the file, or what it is tied to. */
function partsOf(file: FileView | undefined): ObjectName[] {
  const iommufd = objectOf(file, "iommufd");
  if (iommufd !== undefined) return [iommufdName(iommufd)];
  const device = objectOf(file, "vfio_device")?.device;
  return device === undefined ? [] : [deviceName(device.name)];
}
