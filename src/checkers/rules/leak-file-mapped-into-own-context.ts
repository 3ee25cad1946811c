import type { IoctlEvent } from "../../engine/event/index.js";
import { succeeded } from "../answer.js";
import { ioasAt } from "../domains.js";
import { iommufdName } from "../names.js";
import { ALL_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import {
  type ContextView,
  contextAt,
  type FileView,
  fileAt,
  fileText,
  numberField,
  objectOf,
  u64Field,
} from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

/** A mapping that keeps alive what keeps it alive. */
interface Cycle {
  readonly iommufd: ContextView;
  readonly file: FileView;
  readonly ioas_id: number;
  readonly iova: bigint;
  readonly seq: number;
}

export const leakFileMappedIntoOwnContext = defineRule({
  id: "leak-file-mapped-into-own-context",
  family: "leak",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "An iommufd does not map its own file, nor that of a device that is bound to it.",
  sources: [
    "iommufd_ioas_map_file, drivers/iommu/iommufd/ioas.c (v7.3.4): the mapping holds the file",
    "observed on v7.3.4: the device stays bound after the process ended, until a reboot",
  ],
  messages: {
    mapped: "{iommufd} maps {file}, which keeps it alive: without an unmap neither is ever freed",
    leaked: {
      text: "{iommufd} has lost its last descriptor and maps {file}: both stay until a reboot",
      severity: "error",
    },
  },

  create(context) {
    let cycles: Cycle[] = [];

    function report(message: "mapped" | "leaked", cycle: Cycle, seq: number): void {
      const iommufd = iommufdName(cycle.iommufd);
      context.report({
        message,
        seq,
        objects: [iommufd],
        witness: [cycle.seq],
        data: { iommufd, file: fileText(cycle.file) },
      });
    }

    function look(event: { readonly seq: number }, _step: StepView, view: MachineView): void {
      if (cycles.length === 0) return;
      const gone = cycles.filter((cycle) => !isHeld(view, cycle));
      if (gone.length === 0) return;
      cycles = cycles.filter((cycle) => !gone.includes(cycle));
      for (const cycle of gone) if (isMapped(cycle)) report("leaked", cycle, event.seq);
    }

    return {
      // A routine call maps a memfd.
      routine: { map_file: NOTHING_TO_SAY, close: () => cycles.length === 0 },
      on: {
        kernel_booted() {
          cycles = [];
        },
      },
      event: { close: look, exit: look, exec: look, dup: look },
      ioctl: {
        IOMMU_IOAS_MAP_FILE(event, step, view) {
          const file = fileAt(view, event.pid, numberField(event, "fd"));
          const kind = file?.object.kind;
          if (kind !== "iommufd" && kind !== "vfio_device") return;
          const iommufd = contextAt(view, event);
          if (file === undefined || iommufd === undefined || !succeeded(step)) return;
          if (ownerOf(file) !== iommufd) return;
          const cycle = { iommufd, file, seq: event.seq, ...placeOf(event, step) };
          cycles.push(cycle);
          report("mapped", cycle, event.seq);
        },
      },
    };
  },
});

/** The iommufd a file belongs to: its own, or the one its device is bound to. */
function ownerOf(file: FileView): ContextView | undefined {
  const device = objectOf(file, "vfio_device")?.device;
  return objectOf(file, "iommufd") ?? device?.bond?.object.context;
}

function placeOf(event: IoctlEvent, step: StepView): Pick<Cycle, "ioas_id" | "iova"> {
  const iova = event.out?.["iova"] ?? step.outcome.out["iova"];
  return {
    ioas_id: numberField(event, "ioas_id"),
    iova: typeof iova === "bigint" ? iova : u64Field(event, "iova"),
  };
}

/** Some process can still reach the iommufd, or the device; or a session keeps one of them. */
function isHeld(view: MachineView, { iommufd, file }: Cycle): boolean {
  for (const { source } of view.liveUpdate.preserved.values()) {
    if (source === file || source.object === iommufd) return true;
  }
  for (const process of view.processes.values()) {
    for (const [, entry] of process.fds.entries()) {
      if (entry.file === file || entry.file.object === iommufd) return true;
    }
  }
  return false;
}

function isMapped({ iommufd, ioas_id, iova, file }: Cycle): boolean {
  return ioasAt(iommufd, ioas_id)?.areas.find(iova)?.backing.file === file;
}
