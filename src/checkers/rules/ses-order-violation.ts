import type { Errno } from "../../engine/errno.js";
import { acceptedAgainst, refusedWith } from "../answer.js";
import type { HwptView } from "../domains.js";
import { iommufdName, type ObjectName, sessionName } from "../names.js";
import { defineRule } from "../rule.js";
import {
  type ContextView,
  type FileView,
  fileAt,
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
  profiles: ["p1v1", "p1v5", "p2"],
  summary: "Memory is preserved first, then the iommufd that maps it, then the device on it.",
  sources: [
    "iommufd_liveupdate and iommufd_device_preserve (IOMMU live update v5)",
    "P. Tatashin, 2025-10-02: dependencies first",
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
          const about = boundTo(file);
          const common = { seq: event.seq, objects: [name], about, cause: missing };
          const data = { file: fileText(file), missing };
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

/** The iommufd of a device: why it is not in the session may have a reason of its own. */
function boundTo(file: FileView): ObjectName[] {
  const bond = objectOf(file, "vfio_device")?.device.bond;
  return bond === undefined ? [] : [iommufdName(bond.object.context)];
}

/** What should have been preserved before, where that is why the call was answered so. */
function missingFor(
  step: StepView,
  view: MachineView,
  session: SessionView,
  file: FileView,
): string | undefined {
  const iommufd = objectOf(file, "iommufd");
  if (iommufd !== undefined) {
    return answered(step, "ENOENT") === undefined ? undefined : missingMemory(session, iommufd);
  }
  const { bond } = objectOf(file, "vfio_device")?.device ?? {};
  if (bond === undefined || bond.object.attachment(0) === undefined) return undefined;
  const wrong = answered(step, "ENOENT") ?? answered(step, "EINVAL");
  // In another session it is not the order that is wrong.
  if (wrong === undefined || luoFileOf(view, bond.iommufd) !== undefined) return undefined;
  return fileText(bond.iommufd);
}

/** The first file behind a marked page table that the session does not hold. */
function missingMemory(session: SessionView, iommufd: ContextView): string | undefined {
  const held = new Set<object>();
  for (const { source } of session.files.values()) held.add(source);
  for (const object of iommufd.objects()) {
    if (object.type !== "HWPT_PAGING") continue;
    const hwpt = object as unknown as HwptView;
    if (hwpt.mark_token === undefined) continue;
    for (const { backing } of hwpt.ioas.areas) {
      if (backing.file !== undefined && !held.has(backing.file)) return fileText(backing.file);
    }
  }
  return undefined;
}
