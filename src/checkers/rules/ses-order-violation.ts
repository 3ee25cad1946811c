import type { Errno } from "../../engine/errno.js";
import { acceptedAgainst, refusedWith } from "../answer.js";
import type { HwptView } from "../domains.js";
import { deviceName, iommufdName, type ObjectName, sessionName } from "../names.js";
import { defineRule } from "../rule.js";
import {
  type ContextView,
  type FileView,
  fileAt,
  fileName,
  fileText,
  luoFileOf,
  numberField,
  objectOf,
  type SessionView,
  sessionAt,
} from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

export const sesOrderViolation = defineRule({
  id: "ses-order-violation",
  family: "session",
  severity: "warning",
  profiles: ["seed", "p1v1", "p1v5", "p2"],
  summary: "Memory is preserved first, then the iommufd that maps it, then the device on it.",
  sources: [
    "iommufd_liveupdate and iommufd_device_preserve (IOMMU live update v5)",
    "J. Gunthorpe, 2025-10-02 21:12Z, and P. Tatashin, 2025-10-02: dependencies first",
  ],
  messages: {
    refused: "{file} was to be preserved before {missing}; {session} does not hold it",
    accepted: {
      text: "{file} was preserved before {missing}, which nothing checks any more",
      severity: "error",
    },
  },

  create(context) {
    return {
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const session = sessionAt(view, event);
          const file = fileAt(view, event.pid, numberField(event, "fd"));
          if (session === undefined || file === undefined) return;
          const missing = missingFor(step, view, session, file);
          if (missing === undefined) return;
          const name: ObjectName = sessionName(session);
          const about = [...pairOf(file), fileName(missing)];
          // By its file: what it is called changes with the sessions it is put into.
          const common = { seq: event.seq, objects: [name], about, cause: missing.serial };
          const data = { file: fileText(file), missing: fileText(missing) };
          if (answered(step, "ENOENT") === "refused" || answered(step, "EINVAL") === "refused") {
            const full = { ...data, session: name };
            context.report({ message: "refused", data: full, ...common });
          } else context.report({ message: "accepted", data, ...common });
        },
      },
    };
  },
});

function answered(step: StepView, errno: Errno): "refused" | "accepted" | undefined {
  if (refusedWith(step, errno)) return "refused";
  return acceptedAgainst(step, errno) ? "accepted" : undefined;
}

/** A device and its iommufd: one of them may be missed later, the other have been refused. */
function pairOf(file: FileView): ObjectName[] {
  const device = objectOf(file, "vfio_device")?.device;
  if (device?.bond === undefined) return [];
  return [deviceName(device.name), iommufdName(device.bond.object.context)];
}

/** What should have been preserved before, where that is why the call was answered so. */
function missingFor(
  step: StepView,
  view: MachineView,
  session: SessionView,
  file: FileView,
): FileView | undefined {
  const iommufd = objectOf(file, "iommufd");
  if (iommufd !== undefined) {
    const answer = answered(step, "ENOENT");
    const missing = answer === undefined ? undefined : missingMemory(session, iommufd);
    // Accepted with its memory in another session: that is cmp-memfd-not-in-same-session.
    if (answer === "accepted" && luoFileOf(view, missing) !== undefined) return undefined;
    return missing;
  }
  const { bond } = objectOf(file, "vfio_device")?.device ?? {};
  if (bond === undefined || bond.object.attachment(0) === undefined) return undefined;
  const wrong = answered(step, "ENOENT") ?? answered(step, "EINVAL");
  // In another session it is not the order that is wrong.
  if (wrong === undefined || luoFileOf(view, bond.iommufd) !== undefined) return undefined;
  return bond.iommufd;
}

/** The first file behind a marked page table that the session does not hold. */
function missingMemory(session: SessionView, iommufd: ContextView): FileView | undefined {
  const held = new Set<object>();
  for (const { source } of session.files.values()) held.add(source);
  for (const object of iommufd.objects()) {
    if (object.type !== "HWPT_PAGING") continue;
    const hwpt = object as unknown as HwptView;
    if (hwpt.mark_token === undefined) continue;
    for (const { backing } of hwpt.ioas.areas) {
      if (backing.file !== undefined && !held.has(backing.file)) return backing.file;
    }
  }
  return undefined;
}
