import { refusedWith } from "../answer.js";
import { deviceName, sessionName } from "../names.js";
import { defineRule } from "../rule.js";
import { type LuoFileView, objectOf, sessionAt, u64Field } from "../subjects.js";

export const dmaRequesterIdChanged = defineRule({
  id: "dma-requester-id-changed",
  family: "dma",
  severity: "error",
  profiles: ["p1v1", "p1v5", "p2"],
  summary: "A device that crosses has the same PCI address in the next kernel.",
  sources: [
    "PCI live update: addresses are kept",
    "vfio_pci_liveupdate_retrieve (VFIO live update v5): ENODEV",
  ],
  messages: {
    missing: "{device} arrived in {session}, but this kernel has no device at that address",
  },

  create(context) {
    /** Devices in the sessions that arrived in this kernel. */
    let arrived: LuoFileView[] = [];

    function report(luoFile: LuoFileView, seq: number): void {
      const device = objectOf(luoFile.source, "vfio_device")?.device;
      if (device === undefined) return;
      const name = deviceName(device.name);
      context.report({
        message: "missing",
        seq,
        objects: [name],
        about: [sessionName(luoFile.session)],
        witness: [luoFile.preserved_seq],
        data: { device: name, session: sessionName(luoFile.session) },
      });
    }

    return {
      on: {
        kernel_booted(booted) {
          arrived = booted.arrived.flatMap((session) => [...session.files.values()]);
        },
        // From there on the device may be unplugged.
        session_finished({ session }) {
          arrived = arrived.filter((luoFile) => luoFile.session !== session);
        },
      },
      event: {
        machine(event) {
          const { devices } = event.facts;
          if (devices === undefined) return;
          for (const luoFile of arrived) {
            const bdf = objectOf(luoFile.source, "vfio_device")?.device.bdf;
            if (bdf !== undefined && !devices.some((device) => device.bdf === bdf)) {
              report(luoFile, event.seq);
            }
          }
        },
      },
      ioctl: {
        LIVEUPDATE_SESSION_RETRIEVE_FD(event, step, view) {
          if (!refusedWith(step, "ENODEV")) return;
          const luoFile = sessionAt(view, event)?.files.get(u64Field(event, "token"));
          if (luoFile !== undefined) report(luoFile, event.seq);
        },
      },
    };
  },
});
