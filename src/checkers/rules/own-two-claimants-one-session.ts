import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { processName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule, UntilStep } from "../rule.js";
import {
  type FileView,
  fileText,
  numberField,
  type ProcessView,
  type SessionView,
} from "../subjects.js";

/** One process that took something out of a session, or changed what came out of it. */
interface Claim {
  readonly process: ProcessView;
  readonly seq: number;
  /** Processes that got something from the claimant since: what they do is agreed. */
  readonly heirs: Set<ProcessView>;
}

/** ioctls that only ask. */
const READS = /GET_|_INFO$|IOVA_RANGES$|DIRTY_BITMAP$/;
/** VFIO_DEVICE_FEATURE_SET: without it VFIO_DEVICE_FEATURE only asks, too. */
const FEATURE_SET = 1 << 17;
/** IOMMU_OPTION_OP_GET. */
const OPTION_GET = 1;

function onlyAsks(event: IoctlEvent): boolean {
  if (READS.test(event.op)) return true;
  if (event.op === "VFIO_DEVICE_FEATURE") return (numberField(event, "flags") & FEATURE_SET) === 0;
  return event.op === "IOMMU_OPTION" && numberField(event, "op") === OPTION_GET;
}

export const ownTwoClaimantsOneSession = defineRule({
  id: "own-two-claimants-one-session",
  family: "ownership",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "What a session holds has one owner at a time; a second one gets it from the first.",
  sources: [
    "luo_retrieve_file, kernel/liveupdate/luo_file.c (v7.3.4): again gives the same file",
    "the seed mail, A3: the hand-over to a reaper is sequential",
  ],
  messages: {
    retrieve: "{second} retrieves from {session} while {first}, who retrieved before, lives",
    change: "{second} changes {file} of {session} while {first}, who changed it before, lives",
  },

  create(context) {
    /** Who retrieved from a session that is not finished. */
    const retrieves = new Map<SessionView, Claim[]>();
    /** Who changed a file of such a session. */
    const changes = new Map<FileView, { readonly session: SessionView; claims: Claim[] }>();

    const idle = new UntilStep(() => changes.size === 0);

    function everyClaim(visit: (claims: Claim[]) => void): void {
      for (const claims of retrieves.values()) visit(claims);
      for (const { claims } of changes.values()) visit(claims);
    }

    function handOver(from: ProcessView, to: ProcessView): void {
      everyClaim((claims) => {
        for (const { process, heirs } of claims) {
          if (process === from || heirs.has(from)) heirs.add(to);
        }
      });
    }

    /** The claim of a living stranger, where there is one; the process' own claim is added. */
    function claim(claims: Claim[], process: ProcessView, seq: number): Claim | undefined {
      if (!claims.some((known) => known.process === process)) {
        claims.push({ process, seq, heirs: new Set() });
      }
      return claims.find(
        (known) =>
          known.process !== process &&
          known.process.alive &&
          !known.heirs.has(process) &&
          !related(known.process, process),
      );
    }

    return {
      on: {
        file_retrieved({ session, process, file }, step) {
          const claims = retrieves.get(session) ?? [];
          retrieves.set(session, claims);
          if (!changes.has(file)) changes.set(file, { session, claims: [] });
          const other = claim(claims, process, step.event.seq);
          if (other === undefined) return;
          const name = sessionName(session);
          context.report({
            message: "retrieve",
            seq: step.event.seq,
            objects: [name],
            cause: `${other.process.pid} ${process.pid}`,
            witness: [other.seq],
            data: {
              first: processName(other.process),
              second: processName(process),
              session: name,
            },
          });
        },
        file_passed({ from, to }) {
          if (from !== undefined) handOver(from, to);
        },
        process_started({ process }) {
          if (process.parent !== undefined) handOver(process.parent, process);
        },
        session_finished({ session }) {
          forget(session);
        },
        session_closed({ session }) {
          forget(session);
        },
        session_stuck({ session }) {
          forget(session);
        },
        kernel_booted() {
          retrieves.clear();
          changes.clear();
        },
      },
      routine: { map: idle, map_file: idle, unmap: idle },
      ioctl_any(event, step, view) {
        if (changes.size === 0) return;
        if (onlyAsks(event) || !succeeded(step)) return;
        const process = view.processes.get(event.pid);
        const file = process?.fds.get(event.fd);
        const changed = file === undefined ? undefined : changes.get(file);
        if (process === undefined || changed === undefined) return;
        const other = claim(changed.claims, process, event.seq);
        if (other === undefined) return;
        const name = sessionName(changed.session);
        context.report({
          message: "change",
          seq: event.seq,
          objects: [name],
          cause: `${other.process.pid} ${process.pid}`,
          witness: [other.seq],
          data: {
            first: processName(other.process),
            second: processName(process),
            file: fileText(file),
            session: name,
          },
        });
      },
    };

    function forget(session: SessionView): void {
      retrieves.delete(session);
      for (const [file, entry] of changes) if (entry.session === session) changes.delete(file);
    }
  },
});

/** A program and what it started work together. */
function related(a: ProcessView, b: ProcessView): boolean {
  return descends(a, b) || descends(b, a);
}

function descends(process: ProcessView, ancestor: ProcessView): boolean {
  for (let at = process.parent; at !== undefined; at = at.parent) {
    if (at === ancestor) return true;
  }
  return false;
}
