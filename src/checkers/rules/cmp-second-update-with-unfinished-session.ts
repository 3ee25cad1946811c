import { domainName, domainsOf } from "../domains.js";
import { deviceName, sessionName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { fileText, type LuoFileView, objectOf, type SessionView } from "../subjects.js";
import type { MachineView } from "../view.js";

/** States of a session that arrived and still has files. */
const UNFINISHED: ReadonlySet<string> = new Set(["in_wait", "in_open", "in_stuck"]);

export const cmpSecondUpdate = defineRule({
  id: "cmp-second-update-with-unfinished-session",
  family: "completeness",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "Before the next update every session that arrived is finished.",
  sources: [
    "kernel/liveupdate/luo_session.c (v7.3.4): sessions that arrived are not carried on",
    "J. Gunthorpe, 2025-09-30: each update starts from scratch",
  ],
  messages: {
    domain: "{session} is not finished at the next update: {domain} still translates and is lost",
    memory: "{session} is not finished at the next update: {file} is in use and is lost",
  },

  create(context) {
    /** Files of sessions that arrived in this kernel. */
    let arrived: readonly SessionView[] = [];

    function look(session: SessionView, view: MachineView, seq: number): void {
      const name = sessionName(session);
      const common = { seq, objects: [name] };
      const files = [...session.files.values()];
      const witness = files.map(({ preserved_seq }) => preserved_seq);
      const domain = domainsOf(view, session).find(({ attached }) => attached);
      if (domain !== undefined && !isPreservedAgain(view, domain.iommufd)) {
        const data = { session: name, domain: domainName(domain) };
        const devices = [...domain.devices.values()].map(deviceName);
        const about = [data.domain, ...devices];
        context.report({ message: "domain", data, witness, about, ...common });
        return;
      }
      const used = files.find((file) => isUsed(view, file) && !isPreservedAgain(view, file));
      if (used === undefined) return;
      const data = { session: name, file: fileText(used.file ?? used.source) };
      context.report({ message: "memory", data, witness, ...common });
    }

    return {
      on: {
        // The boot's own step may serialize: then the view shows the next kernel already.
        serialized(_, step, view) {
          if (step.event.type === "boot") return;
          for (const session of arrived) {
            if (UNFINISHED.has(session.state)) look(session, view, step.event.seq);
          }
        },
        kernel_booted(booted) {
          ({ arrived } = booted);
        },
      },
    };
  },
});

/** The file that was retrieved is in a new session: its owner takes care of it. */
function isPreservedAgain(view: MachineView, { file }: LuoFileView): boolean {
  if (file === undefined) return false;
  for (const next of view.liveUpdate.outgoing.values()) {
    for (const { source } of next.files.values()) if (source.object === file.object) return true;
  }
  return false;
}

/** Memory that a device or a process maps. */
function isUsed(view: MachineView, { file }: LuoFileView): boolean {
  const memfd = objectOf(file, "memfd");
  if (memfd === undefined) return false;
  for (const _ of view.pins.holders(memfd.pages)) return true;
  return memfd.writable_mapped_bytes > 0n;
}
