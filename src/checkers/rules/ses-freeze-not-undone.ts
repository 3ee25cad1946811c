import { deviceName, type ObjectName } from "../names.js";
import { DOMAIN_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import { fileText, objectOf } from "../subjects.js";

/** A device that the freeze of a kexec stopped, before another file made that kexec fail. */
interface Stopped {
  readonly seq: number;
  readonly refused_by: string;
  /** The device whose file refused. */
  readonly because_of: readonly ObjectName[];
}

export const sesFreezeNotUndone = defineRule({
  id: "ses-freeze-not-undone",
  family: "session",
  severity: "warning",
  profiles: DOMAIN_PROFILES,
  summary: "After a kexec that failed, the devices it had stopped run again before their VM does.",
  sources: [
    "observed on a kernel with the series: bus mastering stays off after the kexec failed",
    "luo_file_freeze, kernel/liveupdate/luo_file.c (v7.3.4): what was frozen is to be undone",
  ],
  messages: {
    resumed: "the VM resumed, and {device} is still stopped: the kexec that {file} refused did it",
    silent: "{device} does not reach {iova}: it is stopped since the kexec that {file} refused",
  },

  create(context) {
    const stopped = new Map<string, Stopped>();
    /** What the step at work took bus mastering from, and what it froze. */
    let quieted = new Set<string>();
    let frozen: string[] = [];

    function forget(): void {
      stopped.clear();
      frozen = [];
      quieted = new Set();
    }

    return {
      // A routine transfer was seen to reach memory.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        bus_master_changed({ device, enabled }, step) {
          // Switched on again, or in the hands of somebody the trace does not show.
          if (enabled !== false) stopped.delete(device.name);
          else if (step.event.type === "reboot") quieted.add(device.name);
        },
        device_frozen({ device, stopped: isStopped }) {
          if (isStopped && quieted.has(device.name)) frozen.push(device.name);
        },
        serialize_failed({ luo_file }, step) {
          const refused_by = fileText(luo_file.source);
          const refusing = objectOf(luo_file.source, "vfio_device")?.device;
          const because_of = refusing === undefined ? [] : [deviceName(refusing.name)];
          for (const name of frozen) {
            stopped.set(name, { seq: step.event.seq, refused_by, because_of });
          }
          frozen = [];
          quieted = new Set();
        },
        serialized: forget,
        kernel_booted: forget,
        dma({ device, event, predicted }) {
          const known = stopped.get(device.name);
          // Where nobody observed it, bus mastering that is off decides.
          if (known === undefined || event.observed === "ok" || predicted !== "fault") return;
          const name = deviceName(device.name);
          const data = { device: name, iova: event.iova, file: known.refused_by };
          context.report({ message: "silent", data, ...placeOf(name, known, event.seq) });
        },
      },
      event: {
        marker(event) {
          if (event.what !== "vcpus_resumed") return;
          for (const [bdf, known] of stopped) {
            const name = deviceName(bdf);
            const data = { device: name, file: known.refused_by };
            context.report({ message: "resumed", data, ...placeOf(name, known, event.seq) });
          }
        },
      },
    };
  },
});

function placeOf(name: ObjectName, { seq: failed, because_of }: Stopped, seq: number) {
  return { seq, objects: [name], about: because_of, witness: [failed], cause: failed };
}
