import { acceptedAgainst, succeeded } from "../answer.js";
import { liveDomains } from "../domains.js";
import { deviceName, rangeText, sessionName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { type LuoFileView, objectOf, pciOf, type SessionView } from "../subjects.js";
import { isOtherFile } from "../untold.js";

interface Asleep {
  readonly since: number;
  readonly enabled: Set<string>;
  /** Some device that crosses is not known by the address that DMA is recorded with. */
  readonly is_vague: boolean;
}

export const dmaUnpreservedInBlackout = defineRule({
  id: "dma-unpreserved-device-in-blackout",
  family: "dma",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "Between two kernels only preserved devices do DMA.",
  sources: [
    "IOMMU live update v5: entries of devices that were not preserved are cleared",
    "IOMMU live update RFC v1: restored tables are sanitized",
  ],
  messages: {
    ran: "{device}, which was not preserved, {access} {range} before the next kernel enabled it",
    lost: "{device}, whose {session} did not arrive, {access} {range} before it was enabled again",
  },

  create(context) {
    /** Once everything is written down: the devices that cross, or are enabled again. */
    let asleep: Asleep | undefined;
    /** A file was put into some session, and the trace does not show which, or into which. */
    let is_untold = false;
    /** Devices of sessions that did not arrive. */
    const lost = new Map<string, SessionView>();

    /** Every name by which an event may call a device of the session. */
    function* deviceNames({ files }: SessionView): Generator<string, undefined> {
      for (const { source } of files.values()) {
        const device = objectOf(source, "vfio_device")?.device;
        if (device === undefined) continue;
        for (const name of [device.hardware.name, device.bdf, device.cdev]) {
          if (name !== undefined) yield name;
        }
      }
    }

    function enable(...names: (string | undefined)[]): void {
      for (const name of names) if (name !== undefined) asleep?.enabled.add(name);
    }

    return {
      routine: { dma: (call) => asleep?.enabled.has(call.device_name) !== false },
      on: {
        serialized({ sessions }, step, view) {
          // With nothing to hand over this is an ordinary kexec: nobody was promised anything.
          const isServed = liveDomains(view).some(({ attached }) => attached);
          if (sessions.length === 0 && !isServed) return;
          const is_vague =
            is_untold || sessions.some(({ files }) => [...files.values()].some(isNameless));
          asleep = { since: step.event.seq, enabled: new Set(), is_vague };
          for (const session of sessions) enable(...deviceNames(session));
        },
        kernel_booted(booted) {
          is_untold = false;
          lost.clear();
          if (booted.how !== "kexec") asleep = undefined;
          // A device that nobody told the next kernel of is one like all others.
          for (const session of booted.lost) {
            if (session.created_epoch !== booted.epoch - 1) continue;
            for (const name of deviceNames(session)) {
              lost.set(name, session);
              asleep?.enabled.delete(name);
            }
          }
        },
        bus_master_changed({ device, enabled }, step) {
          const inBoot = step.event.type === "boot" || step.event.type === "reboot";
          if (enabled === true && !inBoot) enable(device.bdf, device.cdev, device.name);
        },
        device_bound({ device }, _step, view) {
          const pci = pciOf(view, device.hardware);
          enable(device.hardware.name, pci?.bdf, pci?.cdev);
        },
      },
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const is_other = acceptedAgainst(step, "ENOTTY") && isOtherFile(event, view);
          const is_open = event.ret === undefined && step.outcome.errno !== undefined;
          if (is_other || is_open || acceptedAgainst(step, "EBADF")) is_untold = true;
        },
      },
      event: {
        driver_bind(event, step) {
          if (succeeded(step)) enable(event.device);
        },
        bus_master(event) {
          if (event.enabled) enable(event.device);
        },
        dma(event) {
          if (asleep === undefined || event.observed !== "ok") return;
          if (asleep.enabled.has(event.device)) return;
          if (asleep.is_vague) {
            context.unknown("a device that crossed the kexec has no address in the trace");
            return;
          }
          const name = deviceName(event.device);
          const last = event.iova + BigInt(Math.max(event.length_bytes, 1)) - 1n;
          const common = { seq: event.seq, objects: [name], witness: [asleep.since] };
          const data = {
            device: name,
            access: event.direction === "write" ? "wrote" : "read",
            range: rangeText(event.iova, last),
          };
          const session = lost.get(event.device);
          if (session === undefined) context.report({ message: "ran", data, ...common });
          else {
            const about = [sessionName(session)];
            const full = { ...data, session: sessionName(session) };
            context.report({ message: "lost", data: full, about, ...common });
          }
        },
      },
    };
  },
});

/** A device whose address the trace does not tell, or a file that may be one. */
function isNameless({ source }: LuoFileView): boolean {
  const device = objectOf(source, "vfio_device")?.device;
  if (device !== undefined) return device.bdf === undefined;
  return source.object.kind === "other";
}
